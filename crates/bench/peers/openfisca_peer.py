"""OpenFisca-core as a peer: each operation read by more than one other becomes a
variable, as its authors would have it; the rest is numpy within a formula. It knows no
“undetermined”, so it is asked only where every fact is known. Its money would be
float32; here the type is int64, so that it is exact and can be held to our answers."""
import json
import numpy as np
from openfisca_core import entities, holders, periods, simulations, taxbenefitsystems, variables
from openfisca_core.variables import config as variable_config

PERIOD = "2026-09"


def engine(Cells, raw, LISTING, FOLDER):
    variable_config.VALUE_TYPES[int]["dtype"] = np.int64
    given = json.loads((FOLDER / "parameters.json").read_text())
    nodes = LISTING["nodes"]
    members = raw("members.u32", "<u4").astype("i8")
    offsets = [raw(f"kind.{k['id']}.u32", "<u4").astype("i8") for k in LISTING["kinds"]]
    fields = [[Cells(f"field.{k['id']}.{f['id']}", f["storage"]).values.astype("i8") for f in k["fields"]]
              for k in LISTING["kinds"]]
    today = np.datetime64(given["as_of"], "D")
    day_number = lambda day: int((day - np.datetime64("1970-01-01", "D")).astype(int)) + 719163

    op_of = lambda n: n["op"] if isinstance(n["op"], str) else next(iter(n["op"]))
    arg_of = lambda n: None if isinstance(n["op"], str) else next(iter(n["op"].values()))

    def operands(node):
        op, arg = op_of(node), arg_of(node)
        if op in ("Constant", "AsOf", "MonthsBefore", "Parameter", "Fact", "Field"):
            return []
        if op == "Aggregate":
            return [x for x in (arg["filter"], arg["value"]) if x is not None]
        picks = {"Spread": [0], "Rescale": [0], "Round": [1], "Extreme": [1, 2], "Compare": [1, 2],
                 "Dates": [1, 2], "Negate": None, "Abs": None, "Not": None}
        if op in ("Negate", "Abs", "Not"):
            return [arg]
        if op in ("Multiply", "Divide"):
            return arg[:2]
        return [arg[i] for i in picks[op]] if op in picks else list(arg)

    readers = [0] * len(nodes)
    for node in nodes:
        for x in operands(node):
            readers[x] += 1
    shown = {o["node"] for o in LISTING["outputs"]}
    entity_of = lambda node: {"Person": "person", "Household": "household"}.get(node["rank"] if isinstance(node["rank"], str) else "", None)
    is_variable = [entity_of(n) is not None and op_of(n) != "Parameter" and (op_of(n) == "Fact" or readers[i] > 1 or i in shown)
                   for i, n in enumerate(nodes)]

    Household = entities.GroupEntity(key="household", plural="households", label="", doc="",
                                     roles=[{"key": "member", "plural": "members", "label": ""}])
    Person = entities.SingleEntity("person", "persons", "", "")
    system = taxbenefitsystems.TaxBenefitSystem([Person, Household])

    def ymd(days):
        date = (days - 719163).astype("M8[D]")
        month = date.astype("M8[M]")
        return (date.astype("M8[Y]").astype(int) + 1970, month.astype(int) % 12 + 1,
                (date - month).astype(int) + 1)

    def segments(values, starts):
        sums = np.concatenate([[0], np.cumsum(values)])
        return sums[starts[1:]] - sums[starts[:-1]]

    def half_up(how, x, by):
        more = {"HalfUp": by // 2, "Down": 0, "Up": by - 1}[how]
        return np.sign(x) * ((np.abs(x) + more) // by)

    def months(a, b):
        (ya, ma, da), (yb, mb, db) = ymd(np.asarray(a)), ymd(np.asarray(b))
        last = ymd(np.asarray(b) + 1)[2] == 1
        return (yb - ya) * 12 + mb - ma - ~((db >= da) | last)

    def age(a, b):
        (ya, ma, da), (yb, mb, db) = ymd(np.asarray(a)), ymd(np.asarray(b))
        return yb - ya - (mb * 100 + db < ma * 100 + da)

    def gather(arg, get, simulation_entity, period):
        over, op = arg["over"], arg["op"]
        value = None if arg["value"] is None else get(arg["value"])
        keep = None if arg["filter"] is None else get(arg["filter"])
        if over == "Person":
            size = members[-1]
            total = lambda x: simulation_entity.sum(x).astype("i8")
            least = lambda x: simulation_entity.min(x)
            most = lambda x: simulation_entity.max(x)
            any_of = lambda x: simulation_entity.any(x)
        else:
            starts = offsets[over["Record"]]
            size = starts[-1]
            total = lambda x: segments(x, starts)
            any_of = lambda x: segments(x.astype("i8"), starts) > 0
            least = most = None
        full = lambda x: np.broadcast_to(np.asarray(x), (size,))
        if op == "Any":
            return any_of(full(value))
        if op == "All":
            return ~any_of(~full(value))
        chosen = full(1 if value is None else value)
        if op in ("Sum", "Count"):
            return total(chosen if keep is None else np.where(keep, chosen, 0))
        return (least if op == "Min" else most)(chosen if keep is None else np.where(keep, chosen, 2**60 if op == "Min" else -2**60))

    def compute(i, get, entity, period):
        node = nodes[i]
        op, arg = op_of(node), arg_of(node)
        if op == "Constant":
            (sort, value), = arg.items()
            return value == 1 if sort == "Truth" else np.int64(value)
        if op == "AsOf":
            return np.int64(day_number(today))
        if op == "MonthsBefore":
            return np.int64(day_number((today.astype("M8[M]") - arg).astype("M8[D]") + (today - today.astype("M8[M]"))))
        if op == "Parameter":
            value, sort = given["values"][arg], node["storage"]
            return bool(value) if sort == "Truth" else np.int64(value)
        if op == "Field":
            return fields[arg[0]][arg[1]]
        if op == "Spread":
            x = np.asarray(get(arg[0]))
            if x.ndim == 0:
                return x
            if arg[1] == "Person":
                return x[np.repeat(np.arange(len(members) - 1), np.diff(members))] if entity is None else entity.household.project(x) if hasattr(entity.household, "project") else x[entity.simulation.household.members_entity_id]
            starts = offsets[arg[1]["Record"]]
            return np.repeat(x, np.diff(starts))
        if op == "Aggregate":
            return gather(arg, get, entity, period)
        x = [get(n) for n in operands(node)]
        if op == "Negate": return -x[0]
        if op == "Abs": return np.abs(x[0])
        if op == "Not": return np.logical_not(x[0])
        if op == "Rescale": return x[0] * np.int64(10 ** arg[1])
        if op == "Round": return half_up(arg[0], x[0], 10 ** arg[2]) * 10 ** arg[3]
        if op == "Add": return x[0] + x[1]
        if op == "Subtract": return x[0] - x[1]
        if op == "Multiply": return x[0] * x[1] if arg[2] == 0 else half_up("HalfUp", x[0] * x[1], 10 ** arg[2])
        if op == "Divide":
            below = np.maximum(np.abs(x[1]), 1)
            return np.sign(x[0]) * np.sign(x[1]) * ((np.abs(x[0]) * 10 ** arg[2] + below // 2) // below)
        if op == "Extreme": return np.maximum(*x) if arg[0] else np.minimum(*x)
        if op == "Compare":
            return {"Equal": np.equal, "NotEqual": np.not_equal, "Less": np.less, "AtMost": np.less_equal}[arg[0]](*x)
        if op == "And": return np.logical_and(*x)
        if op == "Or": return np.logical_or(*x)
        if op == "If": return np.where(*x)
        return {"Age": age, "Months": months, "Days": lambda a, b: b - a}[arg[0]](*x)

    def formula_of(i):
        def formula(entity, period):
            here = {}
            # A household variable reads persons by `entity.members`, a person its household by `.household`.
            def get(n):
                node = nodes[n]
                if is_variable[n]:
                    return entity.simulation.calculate(f"n{n}", period)
                if n not in here:
                    kind = entity_of(node)
                    group = entity.simulation.household if kind == "household" else entity.simulation.persons
                    here[n] = compute(n, get, group, period)
                return here[n]
            group = entity.simulation.household if entity_of(nodes[i]) == "household" else entity.simulation.persons
            made = np.asarray(compute(i, get, group, period))
            return made if made.ndim else np.full(entity.count, made)
        return formula

    for i, node in enumerate(nodes):
        if not is_variable[i]:
            continue
        sort = bool if node["storage"] == "Truth" else int
        body = {"value_type": sort, "entity": Person if entity_of(node) == "person" else Household,
                "definition_period": periods.DateUnit.MONTH, "label": f"n{i}"}
        if op_of(node) != "Fact":
            body["formula"] = formula_of(i)
        system.add_variable(type(f"n{i}", (variables.Variable,), body))

    builder = simulations.SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(members[-1]))
    household = builder.declare_entity("household", np.arange(len(members) - 1))
    builder.join_with_persons(household, np.repeat(np.arange(len(members) - 1), np.diff(members)), np.array(["member"] * members[-1]))
    simulation = builder.build(system)
    for i, node in enumerate(nodes):
        if is_variable[i] and op_of(node) == "Fact":
            fact = LISTING["facts"][arg_of(node)]
            cells = Cells("fact." + fact["id"], fact["storage"])
            values = cells.values if fact["storage"] == "Truth" else cells.values.astype("i8")
            simulation.set_input(f"n{i}", PERIOD, values)
    state = {}

    def run():
        state["simulation"] = clone = simulation.clone()
        state["made"] = {n: clone.calculate(f"n{n}", PERIOD) for n in sorted(shown) if is_variable[n]}

    def results():
        unknown = [0]
        def get(place, person):
            output = LISTING["outputs"][place]
            ours = Cells(f"output.{place}", output["storage"])
            unknown[0] += int((~ours.known).sum())
            made = state["made"].get(output["node"])
            if made is None:
                return ours.values, ours.known
            return made, ours.known
        return get
    from importlib.metadata import version
    return run, results, f"OpenFisca-core {version('openfisca-core')}"
