#!/usr/bin/env python3
"""Second verifier of the audit: shares no line with the first.

    nuanxin audit export audit.jsonl
    python3 docs/verify/audit_verify.py audit.jsonl [--witnessed NOTE ...]

Reads an export and recomputes everything it can without any secret: every leaf from
its row, the RFC 6962 root at every checkpoint, the log's and the witnesses' signatures
(C2SP signed notes, Ed25519 after RFC 8032). `--witnessed` takes notes a witness gave
(GET /checkpoint?origin=…): then checkpoints deleted here do not hide what they covered.
`--log KEY` and `--witness KEY` say whose signatures count; without them the export's own
keys are believed, which proves nothing to a stranger, and the verifier says so. Not
checked: the rows' keyed codes, whose key never leaves the house.

Exit: 0 whole, 1 something is wrong, 2 unreadable. Python 3.8 or newer, nothing else.
"""

import argparse
import base64
import hashlib
import json
import sys

# --- Ed25519 verification, RFC 8032 section 5.1 -------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    """The x of a point by its y; None when there is none (section 5.1.3)."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def decode_point(data):
    """A point in extended coordinates from its 32 bytes."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def add_points(one, two):
    """The sum of two points (section 5.1.4)."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    """scalar · point."""
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add_points(total, point)
        point = add_points(point, point)
        scalar >>= 1
    return total


def same_point(one, two):
    """Whether two points are one (section 5.1.4)."""
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (
        one[1] * two[2] - two[1] * one[2]
    ) % P == 0


def is_signed(key, message, signature):
    """Whether a signature of a message is the key's (section 5.1.7)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, commitment = decode_point(key), decode_point(signature[:32])
    response = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or response >= L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    challenge = int.from_bytes(digest, "little") % L
    right = add_points(commitment, times(challenge, public))
    return same_point(times(response, BASE), right)


# --- C2SP signed notes --------------------------------------------------------------

LOG, WITNESS = 1, 4


class Verifier:
    """Whose signatures are believed: name+key id+base64(kind, key)."""

    def __init__(self, text):
        self.name, key_id, told = text.strip().split("+", 2)
        typed = base64.b64decode(told, validate=True)
        self.kind, self.key = typed[0], typed[1:]
        digest = hashlib.sha256(self.name.encode() + b"\n" + typed).digest()
        self.id = digest[:4]
        if self.kind not in (LOG, WITNESS) or self.id.hex() != key_id:
            raise ValueError(f"not a public key: {text}")

    def believes(self, text, line):
        """Whether a line is this one's signature over a note's text."""
        mark, name, told = line.split(" ", 2)
        data = base64.b64decode(told, validate=True)
        if mark != "—" or name != self.name or data[:4] != self.id:
            return False
        if self.kind == LOG:
            return is_signed(self.key, text.encode(), data[4:])
        time = int.from_bytes(data[4:12], "big")
        signed = f"cosignature/v1\ntime {time}\n{text}"
        return is_signed(self.key, signed.encode(), data[12:])


def read_note(note):
    """A checkpoint: text, signature lines, origin, size, root."""
    end = note.rindex("\n\n") + 1
    text, lines = note[:end], note[end + 1 :].splitlines()
    origin, size, root = text.split("\n")[:3]
    return text, lines, origin, int(size), base64.b64decode(root, validate=True)


# --- the RFC 6962 tree --------------------------------------------------------------


class Tree:
    """The roots of the perfect subtrees at the right edge, largest first."""

    def __init__(self):
        self.size, self.edge = 0, []

    def push(self, leaf):
        rest, node = self.size, leaf
        while rest & 1:
            node = hashlib.sha256(b"\x01" + self.edge.pop() + node).digest()
            rest >>= 1
        self.edge.append(node)
        self.size += 1

    def root(self):
        if not self.edge:
            return hashlib.sha256(b"").digest()
        node = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node


def leaf_of(row):
    """The leaf a row must have: each field after its length in four bytes."""
    person = "" if row["person"] is None else str(row["person"])
    words = [
        str(row["id"]), str(row["at"]), row["account"], person,
        row["role"], row["action"], row["purpose"], row["subject"],
    ]  # fmt: skip
    fields = [word.encode() for word in words]
    fields += [bytes.fromhex(row["digest"]), bytes.fromhex(row["mac"])]
    data = b"".join(len(one).to_bytes(4, "big") + one for one in fields)
    return hashlib.sha256(b"\x00" + data).digest()


# --- the whole ----------------------------------------------------------------------


class Report:
    """What was found."""

    def __init__(self):
        self.faults, self.rows, self.covered, self.backing = [], 0, 0, {}
        self.strangers = 0

    def check_signatures(self, note, log, witnesses):
        """The log must have signed; a trusted witness's line must hold."""
        text, lines, origin, size, _ = read_note(note)
        if origin != log.name or not any(log.believes(text, line) for line in lines):
            self.faults.append(f"checkpoint {size}: not signed by the log")
        for line in lines:
            name = line.split(" ")[1]
            if name == log.name:
                continue
            if name not in witnesses:
                self.strangers += 1
            elif witnesses[name].believes(text, line):
                self.backing[name] = max(size, self.backing.get(name, 0))
            else:
                self.faults.append(f"checkpoint {size}: cosignature of {name} does not hold")

    def check_row(self, entry, expected):
        """One leaf; gives the leaf its row must have."""
        if entry["seq"] != expected:
            self.faults.append(f"row {expected}: missing, or out of order")
        if entry["row"] is None:
            self.faults.append(f"row {entry['seq']}: its content is gone")
            return bytes(32)
        leaf = leaf_of(entry["row"])
        if leaf.hex() != entry["leaf"]:
            self.faults.append(f"row {entry['seq']}: content and leaf differ")
        return leaf


def verify(path, log_key, witness_keys, witnessed):
    """Verifies an export; gives a report."""
    report, points, tree = Report(), {}, Tree()
    with open(path, encoding="utf-8") as lines:
        head = json.loads(next(lines))
        log = Verifier(log_key or head["key"])
        witnesses = [Verifier(key) for key in witness_keys or head["witnesses"]]
        witnesses = {one.name: one for one in witnesses}

        def know(note):
            report.check_signatures(note, log, witnesses)
            _, _, _, size, root = read_note(note)
            points.setdefault(size, set()).add(root)

        for note in witnessed:
            know(note)
        for line in lines:
            entry = json.loads(line)
            if entry["is"] == "checkpoint":
                if read_note(entry["note"])[3] != entry["size"]:
                    report.faults.append(f"checkpoint {entry['size']}: speaks of another size")
                know(entry["note"])
            else:
                tree.push(report.check_row(entry, tree.size))
                for root in points.get(tree.size, ()):
                    if root != tree.root():
                        report.faults.append(f"checkpoint {tree.size}: another root")
    report.rows, report.covered = tree.size, max(points, default=0)
    for size in sorted(size for size in points if size > tree.size):
        report.faults.append(f"checkpoint {size}: only {tree.size} rows are left")
    return report


def main():
    parser = argparse.ArgumentParser(description="Second verifier of the audit")
    parser.add_argument("export")
    parser.add_argument("--witnessed", action="append", default=[], metavar="NOTE")
    parser.add_argument("--log", metavar="KEY")
    parser.add_argument("--witness", action="append", default=[], metavar="KEY")
    options = parser.parse_args()
    try:
        notes = [open(path, encoding="utf-8").read() for path in options.witnessed]
        report = verify(options.export, options.log, options.witness, notes)
    except (OSError, ValueError, KeyError, IndexError, TypeError, StopIteration) as why:
        print(f"unreadable: {why!r}", file=sys.stderr)
        return 2
    if not options.log:
        print("the keys are the export's own: pass --log and --witness to believe others")
    print(f"{report.rows} rows, {report.covered} covered by checkpoints")
    for name, size in sorted(report.backing.items()):
        print(f"witness {name} stands behind {size} rows")
    if not report.backing:
        print("no witness stands behind anything")
    if report.strangers:
        print(f"{report.strangers} cosignatures of strangers, not counted")
    for fault in report.faults[:100]:
        print(f"FAULT {fault}")
    print("whole" if not report.faults else f"{len(report.faults)} faults")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
