"""The peers of `nuanxin bench screen`: each judges the same columns by the same rules,
is held to our answers cell by cell, and only then is timed. One process per engine and
number of threads, so that each takes the threads it is given.

run.py FOLDER ENGINE…             runs each engine with one thread, then with all
run.py FOLDER --one ENGINE N      the inner call
"""
import json, os, resource, subprocess, sys, time
from pathlib import Path

FOLDER = Path(sys.argv[1])
RUNS = 3


def outer(engines):
    cores = os.cpu_count()
    for engine in engines:
        few = engine == "openfisca" or os.environ.get("NUANXIN_ONLY_ANSWERS")
        for threads in dict.fromkeys([1] if few else [1, cores]):
            env = dict(os.environ, POLARS_MAX_THREADS=str(threads), OMP_NUM_THREADS=str(threads))
            words = [sys.executable, __file__, str(FOLDER), "--one", engine, str(threads)]
            done = subprocess.run(words, env=env, capture_output=True, text=True)
            print(done.stdout.strip(), flush=True)
            if done.returncode:
                sys.exit(f"{engine}: {done.stderr[-3000:]}")


def raw(name, dtype):
    import numpy as np
    return np.fromfile(FOLDER / name, dtype=dtype)


class Cells:
    """A column with what is known of it."""
    SUFFIX = {"Number": ("i64", "<i8"), "Date": ("i32", "<i4"), "Code": ("u16", "<u2")}

    def __init__(self, name, storage):
        if storage == "Truth":
            byte = raw(name + ".truth", "u1")
            self.values, self.known = byte == 1, (byte == 1) | (byte == 2)
        else:
            suffix, dtype = self.SUFFIX[storage]
            self.values = raw(f"{name}.{suffix}", dtype)
            self.known = raw(name + ".gap", "u1") == 0
        self.storage = storage

    def arrow(self):
        import pyarrow as pa
        if self.storage == "Date":
            days = (self.values - 719163).astype("i4")
            return pa.array(days, type=pa.int32(), mask=~self.known).cast(pa.date32())
        values = self.values.astype("i4") if self.storage == "Code" else self.values
        return pa.array(values, mask=~self.known)


LISTING = json.loads((FOLDER / "listing.json").read_text())


def tables():
    import numpy as np, pyarrow as pa
    members = raw("members.u32", "<u4").astype("i8")
    households = {"h": np.arange(len(members) - 1)}
    persons = {"p": np.arange(members[-1]), "h": np.repeat(households["h"], np.diff(members))}
    for fact in LISTING["facts"]:
        to = persons if fact["person"] else households
        to["fact." + fact["id"]] = Cells("fact." + fact["id"], fact["storage"]).arrow()
    made = {"households": households, "persons": persons}
    for kind in LISTING["kinds"]:
        offsets = raw(f"kind.{kind['id']}.u32", "<u4").astype("i8")
        persons["answered." + kind["id"]] = raw(f"kind.{kind['id']}.gap", "u1") == 0
        records = {"p": np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))}
        for field in kind["fields"]:
            records[field["id"]] = Cells(f"field.{kind['id']}.{field['id']}", field["storage"]).arrow()
        made["records." + kind["id"]] = records
    return {name: pa.table(columns) for name, columns in made.items()}


def statements(name):
    lines = (FOLDER / name).read_text().splitlines()
    return [line.split("\t") for line in lines]


def check(engine, get):
    """`get(place, person)` gives an output as (values, known), in order of rows."""
    import numpy as np
    cells = 0
    for place, output in enumerate(LISTING["outputs"]):
        ours = Cells(f"output.{place}", output["storage"])
        values, known = get(place, output["person"])
        cells += len(known)
        if known is None:
            continue
        wrong = (known != ours.known) | (ours.known & (values != ours.values))
        if wrong.any():
            row = int(np.argmax(wrong))
            sys.exit(f"{engine}: output {place} differs in {int(wrong.sum())} rows, first {row}: "
                     f"{values[row]} known {known[row]}, ours {ours.values[row]} known {ours.known[row]}")
    return cells


def arrow_getter(tables):
    import numpy as np, pyarrow as pa, pyarrow.compute as pc
    ordered = {}
    for person, table in ((False, tables[0]), (True, tables[1])):
        key = table.column(0).to_numpy()
        ordered[person] = table if (np.diff(key) > 0).all() else table.take(pc.sort_indices(table.column(0)))

    def get(place, person):
        column = ordered[person].column(f"o{place}").combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks)
        known = ~np.asarray(column.is_null())
        filled = pc.fill_null(column, False if pa.types.is_boolean(column.type) else 0)
        return filled.to_numpy(zero_copy_only=False), known
    return get


def duckdb(threads):
    import duckdb
    con = duckdb.connect()
    con.execute(f"SET threads TO {threads}; SET preserve_insertion_order = true")
    for name, table in tables().items():
        con.register("arrow_table", table)
        con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM arrow_table')
        con.unregister("arrow_table")
    steps = statements("duckdb.sql")

    def run():
        for name, select in steps:
            con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")

    def results():
        fetch = lambda name: con.execute(f"SELECT * FROM {name}").to_arrow_table()
        return arrow_getter((fetch("outputs_h"), fetch("outputs_p")))
    results.connection = con
    return run, results, f"DuckDB {duckdb.__version__}"


def duckdb_wide(threads):
    run_all, results, name = duckdb(threads)
    con = results.connection
    steps = statements("joined.sql")

    def run():
        wall = used = 0.0
        for table, select in steps:
            start, before = time.perf_counter(), time.process_time()
            con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {select}")
            if not table.startswith("joined_"):
                wall += time.perf_counter() - start
                used += time.process_time() - before
        return wall, used
    return run, results, name + " on facts joined and summed beforehand"


def datafusion(threads):
    import datafusion
    config = datafusion.SessionConfig().with_target_partitions(threads)
    ctx = datafusion.SessionContext(config)
    for name, table in tables().items():
        ctx.register_record_batches(name if "." not in name else f'"{name}"', [table.to_batches(max_chunksize=8192)])
    steps = statements("standard.sql")

    def run():
        for name, select in steps:
            made = ctx.sql(select).collect_partitioned()
            ctx.deregister_table(name)
            ctx.register_record_batches(name, [part for part in made if part] or made)

    def results():
        fetch = lambda name: ctx.sql(f"SELECT * FROM {name}").to_arrow_table()
        return arrow_getter((fetch("outputs_h"), fetch("outputs_p")))
    return run, results, f"DataFusion {datafusion.__version__}"


def polars(threads):
    import polars as pl
    base = {name: pl.from_arrow(table) for name, table in tables().items()}
    steps = statements("duckdb.sql")
    made = {}

    def run():
        ctx = pl.SQLContext(base)
        for name, select in steps:
            made[name] = ctx.execute(select, eager=True)
            ctx.register(name, made[name])

    def results():
        return arrow_getter((made["outputs_h"].to_arrow(), made["outputs_p"].to_arrow()))
    return run, results, f"Polars {pl.__version__}"


ENGINES = {"duckdb": duckdb, "duckdb-wide": duckdb_wide, "datafusion": datafusion, "polars": polars}


def one(engine, threads):
    if engine == "openfisca":
        import openfisca_peer
        run, results, name = openfisca_peer.engine(Cells, raw, LISTING, FOLDER)
    else:
        run, results, name = ENGINES[engine](threads)
    run()
    cells = check(name, results())
    if os.environ.get("NUANXIN_ONLY_ANSWERS"):
        return print(f"{name}: {cells} answers equal")
    times = []
    for _ in range(RUNS):
        start, used = time.perf_counter(), time.process_time()
        told = run()
        times.append(told or (time.perf_counter() - start, time.process_time() - used))
    times.sort()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name}, {threads} thread{'s' if threads > 1 else ''}: {times[0][0] * 1e3:.0f} ms "
          f"(to {times[-1][0] * 1e3:.0f}; processor {min(t[1] for t in times) * 1e3:.0f}), "
          f"{cells} answers equal, peak {peak} MB")


if sys.argv[2] == "--one":
    one(sys.argv[3], int(sys.argv[4]))
else:
    outer(sys.argv[2:])
