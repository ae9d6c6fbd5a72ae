"""Facts are evidence: rows and files that are not what runs cite are found, and named."""

import random
import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

import argosy
from argosy.errors import StoreError
from argosy.store import blobs, data_files
from argosy.store.compaction import compact
from argosy.store.digests import digest_of
from argosy.tables import FACTS
from argosy.testing.runs import committed

ROWS = 5
FILES = {name: table for name, table in FACTS.items() if table.cites}
TIME = datetime(2026, 1, 1, tzinfo=UTC)
CELLS = {
    pl.String: lambda place: f"text {place}",
    pl.Float64: lambda place: place + 0.25,
    pl.Int64: lambda place: place,
    pl.Boolean: lambda place: place % 2 == 0,
    pl.Datetime("us", "UTC"): lambda _: TIME,
    pl.List(pl.Float64): lambda place: [0.5] * place,
    pl.List(pl.String): lambda place: ["a"] * place,
    pl.List(pl.Int64): lambda place: list(range(place)),
}
OF_A_RUN = ("run_id", "at")


def rows_of(name, run):
    """Return rows of a fact table with a value in every cell."""
    schema = pl.DataFrame(FACTS[name].schema.empty_table()).schema
    columns = {
        column: [CELLS[kind](place) for place in range(ROWS)]
        for column, kind in schema.items()
        if column not in OF_A_RUN
    }
    columns["status"] = ["ok"] * ROWS
    rows = pl.DataFrame(columns, strict=False)
    return rows.with_columns(reason=pl.lit(run)).select(
        pl.col(column).cast(kind) for column, kind in schema.items() if column in rows.columns
    )


def stamped(name, run):
    """Return rows as they lie in a fact table."""
    schema = pl.DataFrame(FACTS[name].schema.empty_table()).schema
    rows = rows_of(name, run).with_columns(run_id=pl.lit(run), at=pl.lit(TIME))
    return rows.select(pl.col(column).cast(kind) for column, kind in schema.items())


def cite(fleet):
    """Commit a run that appends to every fact table, and writes a file for each that names one."""
    run = uuid.uuid4().hex[:12]
    tables = {name: rows_of(name, run) for name in FACTS}
    for name, table in FILES.items():
        own = f"{table.folder}/{run}" if table.by_run else table.folder
        kept = blobs.keep(fleet.location, own, pl.DataFrame({"a": range(50)}).to_arrow())
        named = {table.cites: pl.lit(kept.name), "sha256": pl.lit(kept.sha256)}
        tables[name] = tables[name].with_columns(**named)
    return committed(fleet, tables, run_id=run)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A fleet of two runs, each with rows in every fact table."""
    fleet = argosy.open(str(tmp_path_factory.mktemp("original") / "fleet"), create=True)
    return Path(fleet.url), [cite(fleet), cite(fleet)]


@pytest.fixture
def folder(original, tmp_path):
    return Path(shutil.copytree(original[0], tmp_path / "fleet"))


@pytest.fixture
def last(original):
    """The run whose rows are tampered with."""
    return original[1][1]


def file_of(folder, name, run):
    """Return the data file of a table that holds the rows of a run."""
    (found,) = [
        path
        for path in (folder / name).glob("*.parquet")
        if pl.read_parquet(path, glob=False)["run_id"].eq(run).any()
    ]
    return found


def rewrite(folder, name, run, change):
    """Put edited rows in place of a run's, so that the table is whole by itself."""
    facts = argosy.open(str(folder)).facts
    path = file_of(folder, name, run)
    rows = change(pl.read_parquet(path, glob=False))
    assert facts.table(name).exchange([path.name], [data_files.write(facts.location, name, rows)])


def edited(rows):
    """Change one cell of the third row, whatever the table."""
    name = next(
        name
        for name in ("effect", "value", "severity", "n", "fit", "profile", "kind")
        if name in rows.columns
    )
    hit = pl.int_range(pl.len()) == 2
    kind = rows.schema[name]
    other = pl.lit("edited") if kind == pl.String else pl.lit(77).cast(kind)
    return rows.with_columns(pl.when(hit).then(other).otherwise(name).alias(name))


def edit_a_row(folder, name, run):
    rewrite(folder, name, run, edited)


def delete_a_row(folder, name, run):
    rewrite(folder, name, run, lambda rows: rows.filter(pl.int_range(pl.len()) != 2))


def add_a_row(folder, name, run):
    rewrite(folder, name, run, lambda rows: pl.concat([rows, edited(rows)[[2]]]))


def double_a_row(folder, name, run):
    rewrite(folder, name, run, lambda rows: pl.concat([rows, rows[[2]]]))


def double_the_file(folder, name, run):
    """Two who compact at the same moment did this."""
    facts = argosy.open(str(folder)).facts
    rows = pl.read_parquet(file_of(folder, name, run), glob=False)
    facts.table(name).exchange([], [data_files.write(facts.location, name, rows)])


def double_and_edit(folder, name, run):
    rewrite(folder, name, run, lambda rows: pl.concat([rows, edited(rows)]))


def exchange_an_edit_and_a_copy(folder, name, run):
    """As many rows as before, and yet one is there twice and one is gone."""
    rewrite(folder, name, run, lambda rows: rows[[0, 0, 2, 3, 4]])


def remove_the_folder(folder, name, run):
    shutil.rmtree(folder / name)


def drop_the_last_entry(folder, name, run):
    max((folder / name / "_delta_log").glob("*.json")).unlink()


def remove_the_file(folder, name, run):
    file_of(folder, name, run).unlink()


def cut_the_file(folder, name, run):
    path = file_of(folder, name, run)
    path.write_bytes(path.read_bytes()[:-50])


def lose_the_column_of_runs(folder, name, run):
    rewrite(folder, name, run, lambda rows: rows.drop("run_id"))


def write_another_type(folder, name, run):
    rewrite(folder, name, run, lambda rows: rows.with_columns(reason=pl.struct("run_id")))


TAMPERINGS = {
    lose_the_column_of_runs: {"missing", "unreadable"},
    write_another_type: {"missing", "unreadable"},
    edit_a_row: {"altered"},
    delete_a_row: {"missing"},
    add_a_row: {"added"},
    double_a_row: {"stored twice"},
    double_the_file: {"stored twice"},
    double_and_edit: {"added"},
    exchange_an_edit_and_a_copy: {"altered"},
    remove_the_folder: {"missing"},
    drop_the_last_entry: {"missing"},
    remove_the_file: {"missing", "unreadable"},
    cut_the_file: {"missing", "unreadable"},
}
SOME = ("drift", "profiles", "verdicts")
"""The tables that `make test` tampers with; the others are one more turn of the same."""
EVERY = pytest.mark.parametrize(
    "name",
    [name if name in SOME else pytest.param(name, marks=pytest.mark.slow) for name in FACTS],
)


def test_what_nobody_touched_is_intact(original):
    found = argosy.open(str(original[0])).verify()

    assert found.intact
    assert (found.rows, found.files) == (2 * ROWS * len(FACTS), 2 * len(FILES))


@EVERY
@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_tampering_is_found_and_table_and_run_are_named(folder, last, name, tamper):
    tamper(folder, name, last)
    verified = argosy.open(str(folder)).verify()
    found = verified.findings.filter(what="table", table=name)

    assert set(found["finding"]) == TAMPERINGS[tamper]
    assert last in found["run_id"].to_list()
    assert set(found["run_id"]) <= {last, None} or tamper is remove_the_folder
    assert verified.findings.filter(pl.col("table") != name).is_empty()
    assert verified.broken_at is None
    assert not verified.intact


@EVERY
def test_any_flipped_bit_in_a_data_file_is_found(folder, last, name):
    """Also one in the bounds that the file tells of its rows: readers skip rows by them."""
    path = file_of(folder, name, last)
    content, chance = path.read_bytes(), random.Random(name)
    for _ in range(8):
        flipped = bytearray(content)
        flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        found = argosy.open(str(folder)).verify().findings

        assert found.select("what", "finding", "table", "run_id").row(0) == (
            *("file", "altered", name, last),
        )
        assert set(found["table"]) == {name}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["altered", "missing"])
def test_a_cited_file_is_what_was_written(folder, last, name, kind):
    rows = pl.read_parquet(file_of(folder, name, last), glob=False)
    (path,) = folder.glob(f"**/{rows[FILES[name].cites][0]}")
    for place in random.Random(name).sample(range(path.stat().st_size), 10):
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)
        if kind == "missing":
            path.unlink()
        verified = argosy.open(str(folder)).verify()
        finding = verified.findings.row(0, named=True)

        assert verified.findings.height == 1
        told = (finding["what"], finding["finding"], finding["table"], finding["run_id"])
        assert told == ("file", kind, name, last)
        assert path.name in finding["detail"]
        content[place] ^= 1
        path.write_bytes(content)
    assert argosy.open(str(folder)).verify().intact


def test_every_run_is_told_of_by_itself(folder, original):
    """Damage to one must not hide that to another, or make it look damaged."""
    for run in original[1]:
        edit_a_row(folder, "drift", run)
    delete_a_row(folder, "gates", original[1][0])
    found = argosy.open(str(folder)).verify().findings

    assert sorted(found.select("table", "finding", "run_id").rows()) == sorted(
        [
            *(("drift", "altered", run) for run in original[1]),
            ("gates", "missing", original[1][0]),
        ]
    )


def test_rows_of_a_run_that_never_finished_are_allowed(folder):
    """A crash leaves them; no reader sees them."""
    facts = argosy.open(str(folder)).facts
    stray = stamped("gates", "never")
    facts.append("gates", [lambda: stray], "never", 1)
    fleet = argosy.open(str(folder))

    assert fleet.verify().intact
    assert fleet.gates().collect().height == 2 * ROWS


def test_rows_that_are_slipped_in_for_a_run_are_found_whatever_the_log_says(folder, last):
    """The log's bounds name another run, and readers do not look at them."""
    facts = argosy.open(str(folder)).facts
    rows = edited(pl.read_parquet(file_of(folder, "gates", last), glob=False))
    told = {"numRecords": 5, "minValues": {"run_id": "never"}, "maxValues": {"run_id": "never"}}
    facts.table("gates").exchange([], [data_files.write(facts.location, "gates", rows, told)])

    assert set(argosy.open(str(folder)).verify().findings["finding"]) == {"added"}


def test_rows_of_a_run_that_cites_none_are_added(folder, last):
    fleet = argosy.open(str(folder))
    run = committed(fleet, {})
    rows = pl.read_parquet(file_of(folder, "gates", last), glob=False)
    forged = rows.with_columns(run_id=pl.lit(run))
    fleet.facts.table("gates").exchange([], [data_files.write(fleet.location, "gates", forged)])
    found = fleet.verify().findings

    assert found.select("finding", "table", "run_id").rows() == [("added", "gates", run)]


def test_a_run_that_is_rolled_back_needs_its_rows_no_more(folder, last):
    delete_a_row(folder, "verdicts", last)
    shutil.rmtree(folder / "gates")
    fleet = argosy.open(str(folder))
    events = fleet.events().collect()
    for seq in events["seq"].unique().sort(descending=True):
        fleet.rollback(seq)

    assert fleet.verify().intact
    assert fleet.gates().collect().is_empty()


@EVERY
def test_compaction_leaves_digests_alone(folder, name):
    """The rows lie in other files, in another order, and come to the same."""
    fleet = argosy.open(str(folder))
    compact(fleet.location, fleet.facts.table(name))

    assert len(DeltaTable(folder / name).file_uris()) == 1
    assert fleet.verify().intact


# Readers

READERS = {
    "evaluations": [
        lambda fleet: fleet.evaluations(),
        lambda fleet: fleet.standing(),
        lambda fleet: fleet.triage(),
        lambda fleet: fleet.leaderboard(),
        lambda fleet: fleet.overview(),
        lambda fleet: fleet.realised(),
        lambda fleet: fleet.where("metrics.auc > 0").frame(),
        lambda fleet: fleet.sql("SELECT COUNT(*) FROM evaluations"),
    ],
    "verdicts": [
        lambda fleet: fleet.verdicts(),
        lambda fleet: fleet.triage(),
        lambda fleet: fleet.overview(),
        lambda fleet: fleet.where("drifted").frame(),
        lambda fleet: fleet.sql("SELECT COUNT(*) FROM fleet WHERE drifted"),
    ],
    "estimates": [lambda fleet: fleet.estimates(), lambda fleet: fleet.triage()],
    "incidents": [lambda fleet: fleet.incidents()],
    "findings": [
        lambda fleet: fleet.table("findings"),
        lambda fleet: fleet.verdicts(),
        lambda fleet: fleet.triage(),
        lambda fleet: fleet.where("NOT drifted").frame(),
    ],
    **{
        name: [lambda fleet, name=name: getattr(fleet, name)()]
        for name in ("comparisons", "gates", "predictions", "drift", "distributions")
    },
    **{
        name: [lambda fleet, name=name: getattr(fleet, name)()]
        for name in ("profiles", "fits", "trainings")
    },
}


def test_every_fact_table_has_a_reader():
    assert set(READERS) == set(FACTS)


@EVERY
@pytest.mark.parametrize("lose", [remove_the_folder, drop_the_last_entry])
def test_readers_say_whose_rows_are_missing(folder, original, last, name, lose):
    """ "No model needs a person" would be the answer of an incomplete restore."""
    lose(folder, name, last)
    run = last if lose is drop_the_last_entry else original[1][0]
    for read in READERS[name]:
        with pytest.raises(StoreError, match=f"{name} of run {run}: 5 of 5 rows are missing"):
            read(argosy.open(str(folder)))


@EVERY
def test_readers_count_by_run_where_others_left_rows(folder, last, name):
    """Rows of a crash must not stand in for those that are missing, in one file or in several."""
    facts = argosy.open(str(folder)).facts
    rows = pl.read_parquet(file_of(folder, name, last), glob=False)
    drop_the_last_entry(folder, name, last)
    stray = rows.with_columns(run_id=pl.lit("never"))
    facts.append(name, [lambda: stray], "never", 1)
    with pytest.raises(StoreError, match=f"{name} of run {last}: 5 of 5 rows"):
        READERS[name][0](argosy.open(str(folder)))
    compact(facts.location, facts.table(name))

    with pytest.raises(StoreError, match=f"{name} of run {last}: 5 of 5 rows"):
        READERS[name][0](argosy.open(str(folder)))


def test_the_past_needs_the_rows_of_its_own_runs_alone(folder, original, last):
    drop_the_last_entry(folder, "gates", last)
    fleet = argosy.open(str(folder))
    (seq,) = fleet.events().filter(run_id=original[1][0]).collect()["seq"]

    assert fleet.as_of(seq).gates().collect()["run_id"].unique().to_list() == [original[1][0]]
    with pytest.raises(StoreError, match="gates of run"):
        fleet.gates()


# Repair


@EVERY
@pytest.mark.parametrize("tamper", [double_a_row, double_the_file], ids=lambda t: t.__name__)
def test_copies_are_removed_and_told_of(folder, last, name, tamper):
    before = sorted(map(str, argosy.open(str(folder)).facts.scan(name).collect().rows()))
    tamper(folder, name, last)
    fleet = argosy.open(str(folder))
    (done,) = fleet.maintain(repair=True)["repaired"]
    many = 1 if tamper is double_a_row else ROWS

    assert (done["table"], done["run_id"], done["rows"]) == (name, last, many)
    assert fleet.verify().intact
    assert sorted(map(str, fleet.facts.scan(name).collect().rows())) == before
    assert fleet.maintain(repair=True)["repaired"] == []


@EVERY
def test_a_table_whose_rows_were_altered_too_is_left_alone(folder, last, name):
    double_and_edit(folder, name, last)
    fleet = argosy.open(str(folder))
    before = fleet.facts.scan(name).collect().height
    (done,) = fleet.maintain(repair=True)["repaired"]

    assert (done["rows"], done["run_id"]) == (0, last)
    assert "nothing was done" in done["done"]
    assert fleet.facts.scan(name).collect().height == before


def test_every_run_is_repaired_by_itself(folder, original):
    """All rows of a compacted file three times: of one run an edit stands in the way."""
    fleet = argosy.open(str(folder))
    table = fleet.facts.table("drift")
    compact(fleet.location, table)
    (path,) = DeltaTable(folder / "drift").file_uris()
    rows = pl.read_parquet(path, glob=False)
    first = rows.filter(run_id=original[1][0])
    table.exchange(
        [],
        [
            data_files.write(fleet.location, "drift", more)
            for more in (rows, rows, edited(first)[[2]])
        ],
    )
    done = {one["run_id"]: one["rows"] for one in fleet.maintain(repair=True)["repaired"]}

    assert done == {original[1][0]: 0, original[1][1]: 2 * ROWS}
    assert fleet.verify().findings.select("finding", "run_id").rows() == [("added", original[1][0])]


def test_rows_that_are_equal_and_belong_there_stay(folder):
    """A run may find the same twice; only what goes beyond what it cites is a copy."""
    fleet = argosy.open(str(folder))
    rows = rows_of("gates", "x")
    twice = pl.concat([rows, rows])
    run = committed(fleet, {"gates": twice})
    assert fleet.verify().intact
    double_the_file(folder, "gates", run)
    assert set(fleet.verify().findings["finding"]) == {"stored twice"}
    fleet.maintain(repair=True)

    assert fleet.verify().intact
    assert fleet.gates().filter(run_id=run).collect().height == 2 * ROWS


# What runs cite


def test_who_writes_a_run_again_cites_what_lies_there(folder):
    """A driver that was killed after it wrote left rows with another time in them."""
    facts = argosy.open(str(folder)).facts
    early = stamped("gates", "again")
    late = early.with_columns(at=pl.lit(TIME.replace(year=2027)).cast(early.schema["at"]))
    first = facts.append("gates", [lambda: early], "again", 1)

    assert facts.append("gates", [lambda: late], "again", 1) == first
    assert facts.digest("gates", "again") == first == digest_of(early) != digest_of(late)


def test_of_two_drivers_of_a_run_both_cite_the_rows_of_the_faster(folder):
    slow, fast = (argosy.open(str(folder)).facts for _ in range(2))
    early = stamped("gates", "raced")
    late = early.with_columns(at=pl.lit(TIME.replace(year=2027)).cast(early.schema["at"]))
    won = []

    def while_the_other_commits():
        won.append(fast.append("gates", [lambda: late], "raced", 1))
        return early

    assert slow.append("gates", [while_the_other_commits], "raced", 1) == won[0] == digest_of(late)


def test_the_parts_of_a_run_add_up(folder):
    facts = argosy.open(str(folder)).facts
    rows = stamped("drift", "parts")
    parts_ = [lambda: rows[:2], lambda: rows[2:3], lambda: rows[3:]]

    assert facts.append("drift", parts_, "parts", 1) == digest_of(rows)


def test_every_verb_cites_all_that_it_writes(fleet, tmp_path):
    """Else its rows would count as added, and their loss would pass unseen."""
    fleet.evaluate()
    fleet.check_drift()
    fleet.estimate()
    found = argosy.open(fleet.url).verify()
    runs = fleet.runs().collect().explode("facts").unnest("facts")
    written = {name for name in FACTS if fleet.facts.scan(name).collect().height}

    assert found.intact
    assert found.rows == runs["rows"].sum() > 0
    assert set(runs["table"].drop_nulls()) == written
    assert found.files == len(list(Path(fleet.url).glob("profiled/*"))) + len(
        list(Path(fleet.url).glob("fitted/*"))
    )
