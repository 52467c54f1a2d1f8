#!/usr/bin/env python3
"""Second verifier of one row: shares no line with the first.

    python3 docs/verify/proof_verify.py audit-7.json [--log KEY]

Reads a proof as the audit page gives it: recomputes the row's leaf, walks the path to
the root (RFC 9162 section 2.1.3.2), checks the log's signature over that root.
Without `--log` the file's own key is believed, which proves nothing to a stranger.

Exit: 0 it holds, 1 it does not, 2 unreadable.
"""

import argparse
import hashlib
import json
import sys

from audit_verify import Verifier, leaf_of, read_note


def root_from(seq, size, leaf, path):
    """The root a path leads to; None when the path has another length."""
    fnode, snode, node = seq, size - 1, leaf
    for other in path:
        if snode == 0:
            return None
        if fnode & 1 or fnode == snode:
            node = hashlib.sha256(b"\x01" + other + node).digest()
            while not fnode & 1 and fnode:
                fnode, snode = fnode >> 1, snode >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + other).digest()
        fnode, snode = fnode >> 1, snode >> 1
    return node if snode == 0 else None


def faults(proof, log):
    """What does not hold."""
    text, lines, origin, size, root = read_note(proof["note"])
    if origin != log.name or not any(log.believes(text, line) for line in lines):
        yield "the checkpoint is not signed by the log"
    leaf = leaf_of(proof["row"])
    if leaf.hex() != proof["leaf"]:
        yield "row and leaf differ"
    path = [bytes.fromhex(one) for one in proof["path"]]
    seq = proof["seq"]
    if not 0 <= seq < size or root_from(seq, size, leaf, path) != root:
        yield "the row does not lead to the signed root"


def main():
    parser = argparse.ArgumentParser(description="Second verifier of one row")
    parser.add_argument("proof")
    parser.add_argument("--log", metavar="KEY")
    options = parser.parse_args()
    try:
        with open(options.proof, encoding="utf-8") as file:
            proof = json.load(file)
        found = list(faults(proof, Verifier(options.log or proof["log"])))
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as why:
        print(f"unreadable: {why!r}", file=sys.stderr)
        return 2
    if not options.log:
        print("the key is the file's own: pass --log to believe another")
    for fault in found:
        print(f"FAULT {fault}")
    print("holds" if not found else "does not hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
