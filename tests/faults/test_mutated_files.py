"""A byte of a data file changes: it is read as these bytes say, or is its model's failed row.

One bit in three gives other values in any reader, which nobody can know without a checksum. What
must never happen is a panic or an abort, or that a neighbour fails or gives other numbers.
"""

import datetime as dt
import decimal
import json
import math
import random
import subprocess
import sys

import polars as pl
import pyarrow as pa
import pytest

import argosy
from argosy.testing.broken import aborting, panicking

WRITE = {
    "parquet": pl.DataFrame.write_parquet,
    "arrow": pl.DataFrame.write_ipc,
    "csv": pl.DataFrame.write_csv,
    "jsonl": pl.DataFrame.write_ndjson,
}
ROWS = 60
FRAME = pl.DataFrame(
    {
        "t": [number * 1.25 + 0.5 for number in range(ROWS)],
        "p": [number * 1.5 + 0.25 for number in range(ROWS)],
        "s": ["a", "b", "a text that is longer"] * (ROWS // 3),
        "at": [dt.datetime(2024, 1, 1) + dt.timedelta(hours=number) for number in range(ROWS)],
    }
)
RIGHT = sum(abs(number * 0.25 - 0.25) for number in range(ROWS)) / ROWS
READ_ALONE = """
import json, sys
import polars as pl
scan = {"parquet": pl.scan_parquet, "arrow": pl.scan_ipc,
        "csv": pl.scan_csv, "jsonl": pl.scan_ndjson}
for path in sys.argv[2:]:
    print(path, end=" ", flush=True)
    try:
        rows = scan[sys.argv[1]](path).select("t", "p").collect()
        told = [rows["t"].to_list(), rows["p"].to_list()]
    except (Exception, pl.exceptions.PanicException):
        told = None
    print(json.dumps(told), flush=True)
"""


def read_alone(form, paths):
    """Return the truths and predictions that the format's reader gives, None where it fails."""
    found, left = {}, [str(path) for path in paths]
    while left:
        line = [sys.executable, "-c", READ_ALONE, form, *left]
        for told in subprocess.run(line, capture_output=True, text=True).stdout.splitlines():
            path, _, values = told.partition(" ")
            found[path] = json.loads(values) if values else None  # it died over this one
        left = [path for path in left if path not in found]
    return found


def mutated(form, folder, many, seed):
    """Write files of which one byte or bit is another, and a sound one."""
    write = WRITE[form]
    write(FRAME, folder / f"sound.{form}")
    whole = (folder / f"sound.{form}").read_bytes()
    draw = random.Random(f"{form} {seed}")
    for number in range(many):
        content = bytearray(whole)
        place = draw.randrange(len(content))
        how = draw.choice(("bit", "zero", "ones", "any"))
        bit = 1 << draw.randrange(8)
        was, drawn = content[place], draw.randrange(256)
        content[place] = {"bit": was ^ bit, "zero": 0, "ones": 255, "any": drawn}[how]
        path = folder / f"m{number:04}.{form}"
        path.write_bytes(content)
        yield path


def mean_error(values):
    """Return the mean absolute error, or None where a value is none that has one."""
    if any(
        not isinstance(value, float) or not math.isfinite(value) for row in values for value in row
    ):
        return None
    return math.fsum(abs(truth - said) for truth, said in zip(*values, strict=True)) / len(
        values[0]
    )


def play(form, folder, many, seed):
    paths = list(mutated(form, folder, many, seed))
    expected = read_alone(form, paths)
    fleet = argosy.open(str(folder / "fleet"), create=True)
    names = [path.stem for path in (*paths, folder / f"sound.{form}")]
    fleet.register([{"model": name, "version": "1", "task": "regression"} for name in names])
    columns = {"truth": "t", "prediction": "p", "timestamp": "at"}
    fleet.bind(
        [
            {"role": "holdout", "model": name, "url": str(folder / f"{name}.{form}"), **columns}
            for name in names
        ],
        check=False,
    )

    run = fleet.evaluate(metrics=["mae"])

    rows = {row["model"]: row for row in run.results().to_dicts()}
    assert sorted(rows) == sorted(names)
    assert rows["sound"]["value"] == pytest.approx(RIGHT, rel=1e-12)
    assert fleet.quarantined().collect().is_empty()
    for path in paths:
        row, values = rows[path.stem], expected[str(path)]
        if row["status"] != "ok":
            assert row["reason"], path
            continue
        assert values is not None, f"{path} cannot be read, and has a value"
        right = mean_error(values)
        assert right is None or row["value"] == pytest.approx(right, rel=1e-9), path
    return rows


@pytest.mark.parametrize("form", list(WRITE))
def test_a_changed_byte_gives_what_its_reader_reads_or_a_failed_row(form, tmp_path):
    play(form, tmp_path, 30, 1)


@pytest.mark.slow
@pytest.mark.parametrize("form", list(WRITE))
def test_a_thousand_changed_bytes_give_what_their_reader_reads_or_a_failed_row(form, tmp_path):
    """In fleets of 250: a run of more stops where most of its models fail."""
    for part in range(4):
        folder = tmp_path / str(part)
        folder.mkdir()
        play(form, folder, 250, 2 + part)


# As reported


def decimal256(path):
    numbers = pa.array([decimal.Decimal(number) for number in range(40)], pa.decimal256(60, 2))
    table = pa.table({"c": numbers})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return path


def drift_beside_a_sound_neighbour(folder, bad):
    """Check two models for drift, of which one has bad data, and return its reason."""
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": ["bad", "sound"], "version": ["1", "1"]})
    FRAME.write_parquet(folder / "sound.parquet")
    files = {"bad": bad, "sound": folder / "sound.parquet"}
    fleet.bind(
        [
            {"role": role, "model": model, "url": str(file)}
            for model, file in files.items()
            for role in ("reference", "current")
        ],
        check=False,
    )

    run = fleet.check_drift(detectors=["ks"])

    assert run.results().filter(model="sound")["status"].unique().to_list() == ["ok"]
    assert fleet.quarantined().collect().is_empty()
    (row,) = run.failures().to_dicts()
    assert row["model"] == "bad"
    assert f"cannot read {bad}: " in row["reason"]
    return fleet, row["reason"]


def test_pola_rs_polars_5606_a_panic_over_one_byte_is_a_row_with_its_reason(tmp_path):
    _, reason = drift_beside_a_sound_neighbour(tmp_path, panicking(tmp_path / "bad.parquet"))

    assert "the engine panicked: assertion failed" in reason


def test_pola_rs_polars_6717_a_type_that_the_engine_lacks_is_a_row_with_its_reason(tmp_path):
    drift_beside_a_sound_neighbour(tmp_path, decimal256(tmp_path / "bad.arrow"))


def test_pola_rs_polars_19158_an_abort_over_one_bit_is_a_row_and_a_mended_file_is_measured(
    tmp_path,
):
    """Nobody goes into quarantine for it, so the next look is at the file as it is then."""
    bad = aborting(tmp_path / "bad.parquet")
    fleet, reason = drift_beside_a_sound_neighbour(tmp_path, bad)
    assert "reading it ended the process (signal 6: memory allocation of" in reason

    FRAME.write_parquet(bad)

    assert fleet.check_drift(detectors=["ks"]).failures().is_empty()
