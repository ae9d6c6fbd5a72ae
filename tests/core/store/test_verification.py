"""Tampering and damage: what somebody edits or a disk loses is noticed, never believed."""

import multiprocessing
import random
import shutil
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

import argosy
from argosy.errors import ArgosyWarning, BadInput, StoreError
from argosy.tables import LEDGER

VIEWS = ("models", "versions", "aliases", "bindings", "runs", "events")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A fleet of 26 changes, with a checkpoint, a saved state and a compacted ledger."""
    url = tmp_path_factory.mktemp("original") / "fleet"
    fleet = argosy.open(str(url), create=True, actor="tests")
    for number in range(24):
        names = [f"{number}a", f"{number}b"]
        fleet.register({"model": names, "version": ["1", "1"], "team": ["web", "risk"]})
        if number == 11:
            fleet.maintain()
    fleet.set_alias({"model": ["3a"], "version": ["1"]}, "champion")
    fleet.tag({"model": ["4a"]}, {"region": "eu"})
    return url


@pytest.fixture
def copy(original, tmp_path):
    return Path(shutil.copytree(original, tmp_path / "copy"))


def rewrite(table, edit):
    """Put an edited copy in place of a table, as somebody who can write the store may."""
    rows = pl.DataFrame(DeltaTable(table).to_pyarrow_table()).sort("seq", "ord")
    edited = edit(rows).select(LEDGER.names).to_arrow().cast(LEDGER)
    shutil.rmtree(table)
    write_deltalake(table, edited)
    table.with_name("ledger.head").unlink()


# The ledger, edited


def _payload(hit, old, new):
    return pl.when(hit).then(pl.col("payload").str.replace(old, new, literal=True))


def edit_a_team(rows):
    hit = (pl.col("seq") == 7) & (pl.col("key") == "6a")
    return rows.with_columns(payload=_payload(hit, '"web"', '"fraud"').otherwise("payload"))


def edit_an_actor(rows):
    return rows.with_columns(
        actor=pl.when(pl.col("seq") == 7).then(pl.lit("somebody")).otherwise("actor")
    )


def edit_a_tag(rows):
    hit = pl.col("seq") == 26
    return rows.with_columns(payload=_payload(hit, '"eu"', '"us"').otherwise("payload"))


def edit_a_kind(rows):
    return rows.with_columns(
        kind=pl.when(pl.col("seq") == 7).then(pl.lit("moddel")).otherwise("kind")
    )


def lose_a_kind(rows):
    return rows.with_columns(kind=pl.when(pl.col("seq") != 7).then("kind"))


def remove_a_row(rows):
    return rows.filter(~((pl.col("seq") == 7) & (pl.col("ord") == 1)))


def remove_a_change(rows):
    return rows.filter(pl.col("seq") != 7)


def remove_a_change_and_close_up(rows):
    later = (pl.col("seq") > 7).cast(pl.Int64)
    return remove_a_change(rows).with_columns(seq=pl.col("seq") - later)


def remove_the_first_change(rows):
    return rows.filter(pl.col("seq") != 1)


def insert_a_row(rows):
    more = rows.filter(seq=7).tail(1).with_columns(ord=pl.col("ord") + 1, key=pl.lit("forged"))
    return pl.concat([rows, more])


def insert_a_change(rows):
    later = (pl.col("seq") >= 7).cast(pl.Int64)
    more = rows.filter(seq=6).with_columns(seq=pl.lit(7, pl.Int64), txn_id=pl.lit("forged"))
    return pl.concat([rows.with_columns(seq=pl.col("seq") + later), more])


def append_a_change(rows):
    more = rows.filter(seq=26).with_columns(seq=pl.lit(27, pl.Int64), txn_id=pl.lit("forged"))
    return pl.concat([rows, more])


def swap_two_changes(rows):
    return rows.with_columns(seq=pl.col("seq").replace({7: 8, 8: 7}))


def swap_two_rows(rows):
    hit = pl.col("seq") == 7
    return rows.with_columns(
        ord=pl.when(hit).then(pl.col("ord").replace({0: 1, 1: 0})).otherwise("ord")
    )


def add_a_field_that_is_not_the_kinds(rows):
    """No model has a role, and yet the history would show it."""
    hit = (pl.col("seq") == 7) & (pl.col("kind") == "model")
    return rows.with_columns(payload=_payload(hit, "{", '{"role":"holdout",').otherwise("payload"))


EDITS = [
    (add_a_field_that_is_not_the_kinds, 7),
    (edit_a_team, 7),
    (edit_an_actor, 7),
    (edit_a_tag, 26),
    (edit_a_kind, 7),
    (lose_a_kind, 7),
    (remove_a_row, 7),
    (remove_a_change, 7),
    (remove_a_change_and_close_up, 7),
    (remove_the_first_change, 1),
    (insert_a_row, 7),
    (insert_a_change, 7),
    (append_a_change, 27),
    (swap_two_changes, 7),
    (swap_two_rows, 7),
]


@pytest.mark.parametrize(("edit", "seq"), EDITS, ids=[edit.__name__ for edit, _ in EDITS])
def test_the_first_change_that_was_tampered_with_is_named(copy, edit, seq):
    rewrite(copy / "ledger", edit)

    assert argosy.open(str(copy)).verify().broken_at == seq


def double_a_row(rows):
    return pl.concat([rows, rows.filter(seq=7, ord=1)])


def double_a_change(rows):
    return pl.concat([rows, rows.filter(seq=7)])


def double_everything(rows):
    """Two who compacted at the same moment did this."""
    return pl.concat([rows, rows, rows.filter(seq=7)])


COPIES = [(double_a_row, [7]), (double_a_change, [7]), (double_everything, range(1, 27))]


@pytest.mark.parametrize(("double", "seqs"), COPIES, ids=[double.__name__ for double, _ in COPIES])
def test_what_is_stored_twice_is_told_from_what_was_altered_and_can_be_repaired(copy, double, seqs):
    before = argosy.open(str(copy)).events().sort("seq", "kind", "key").collect()
    rewrite(copy / "ledger", double)
    fleet = argosy.open(str(copy))
    found = fleet.verify()

    assert found.broken_at == seqs[0]
    assert found.changes == 26
    assert set(found.findings["finding"]) == {"stored twice"}
    done = fleet.maintain(repair=True)["repaired"]
    assert [one["seq"] for one in done] == list(seqs)
    assert {one["table"] for one in done} == {"ledger"}
    mended = argosy.open(str(copy))
    assert mended.verify().intact
    assert mended.events().sort("seq", "kind", "key").collect().equals(before)
    assert mended.maintain(repair=True)["repaired"] == []


def test_a_change_that_is_stored_twice_and_altered_is_left_alone(copy):
    rewrite(copy / "ledger", lambda rows: edit_a_team(double_a_change(rows)))
    fleet = argosy.open(str(copy))

    assert set(fleet.verify().findings["finding"]) == {"altered"}
    assert fleet.maintain(repair=True)["repaired"] == []
    assert fleet.verify().broken_at == 7


def test_every_change_that_was_tampered_with_is_named(copy):
    rewrite(copy / "ledger", lambda rows: edit_a_tag(edit_a_team(rows)).filter(pl.col("seq") != 12))
    found = argosy.open(str(copy)).verify()

    assert found.broken_at == 7
    told = found.findings.select("seq", "finding").rows()
    assert told == [(7, "altered"), (12, "missing"), (26, "altered")]


@pytest.mark.parametrize("head", ["15:abc", "15", "x:" + "0" * 64, "1:" + "g" * 64, "", ":"])
def test_a_text_that_is_no_head_is_refused(copy, head):
    """ "Altered at change 15" would be an answer to a question that nobody asked."""
    with pytest.raises(BadInput, match="is no head; write SEQ:HASH"):
        argosy.open(str(copy)).verify(head)


def test_a_copy_that_nobody_edited_holds(copy):
    """The edits above are noticed for what they are, not because the table was rewritten."""
    rewrite(copy / "ledger", lambda rows: rows)

    assert argosy.open(str(copy)).verify().broken_at is None


def test_a_lost_end_is_noticed_by_the_head_that_was_noted_down(copy):
    """The changes that are left are a chain by themselves: only the head tells."""
    head = argosy.open(str(copy)).verify().head
    rewrite(copy / "ledger", lambda rows: rows.filter(pl.col("seq") <= 20))
    cut = argosy.open(str(copy))

    assert cut.verify().broken_at is None
    assert cut.verify(head).broken_at == 21


def test_a_saved_state_that_was_edited_is_noticed(copy):
    """The ledger is whole, and yet whoever opens the fleet would be told something else."""
    rows = pl.DataFrame(DeltaTable(copy / "state").to_pyarrow_table())
    edited = rows.with_columns(team=pl.when(key="6a").then(pl.lit("fraud")).otherwise("team"))
    mark = CommitProperties(app_transactions=[Transaction("ledger", 12)])
    write_deltalake(copy / "state", edited.to_arrow(), mode="overwrite", commit_properties=mark)
    found = argosy.open(str(copy)).verify()
    assert found.broken_at is None
    assert found.findings["what"].to_list() == ["state"]
    assert "state is not what the changes add up to" in found.findings["detail"][0]
    shutil.rmtree(copy / "state")

    assert argosy.open(str(copy)).verify().broken_at is None
    assert argosy.open(str(copy)).get("6a")["team"] == "web"


def test_a_ledger_that_is_gone_is_noticed(copy):
    """The saved state is there, so that the fleet would seem to be whole."""
    shutil.rmtree(copy / "ledger")
    (copy / "ledger.head").unlink()
    fleet = argosy.open(str(copy))

    with pytest.warns(ArgosyWarning, match="the changes up to 12 .* were acknowledged"):
        found = fleet.verify()
    assert found.broken_at == 1
    assert found.findings.select("what", "finding", "seq").rows() == [("ledger", "missing", 1)]
    with (
        pytest.warns(ArgosyWarning, match="the last are missing"),
        pytest.raises(StoreError, match="restore the folder from a backup"),
    ):
        fleet.tag({"model": ["6a"]}, {"a": "b"})


def test_a_table_in_the_ledgers_place_is_refused(copy):
    shutil.rmtree(copy / "ledger")
    write_deltalake(copy / "ledger", pl.DataFrame({"seq": [1]}).to_arrow())

    with pytest.raises(StoreError, match="ledger has no column 'ord'"):
        argosy.open(str(copy)).models()


# Files, damaged

FILES = {
    "data": "ledger/*.parquet",
    "commits": "ledger/_delta_log/*.json",
    "checkpoints": "ledger/_delta_log/*.parquet",
    "hint": "ledger/_delta_log/_last_checkpoint",
    "saved state": "state/*.parquet",
    "saved state's commits": "state/_delta_log/*.json",
    "marker": "argosy.json",
}


HARMLESS = {"hint", "checkpoints", "saved state", "saved state's commits"}
"""What is made anew where it is damaged."""


def damage(path, chance):
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    match chance.choice(("flip", "flip", "cut", "gone")):
        case "flip":
            content[at] ^= 1 << chance.randrange(8)
            path.write_bytes(content)
        case "cut":
            path.write_bytes(content[:at])
        case "gone":
            path.unlink()


def told(folder, head=None):
    """Return all that the fleet says, and where its chain breaks or lacks the head noted down."""
    fleet = argosy.open(str(folder))
    broken = fleet.verify(head).broken_at
    return broken, [getattr(fleet, view)().collect() for view in VIEWS]


def outcome(folder, original):
    """Say how damage shows itself; in a process of its own, since the engine may abort."""
    try:
        broken, views = told(folder, argosy.open(str(original)).verify().head)
    except StoreError as error:
        return "refused" if str(folder) in str(error) else f"refused, but where? {error}"
    if broken is not None:
        return "reported"
    same = all(map(pl.DataFrame.equals, views, told(original)[1]))
    return "harmless" if same else "believed"


def outcomes(folders, original):
    """Yield the outcome of each folder, `aborted` where its process did not live to tell."""
    waiting = list(folders)
    while waiting:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            with suppress(BrokenProcessPool):
                while waiting:
                    yield pool.submit(outcome, waiting[0], original).result()
                    waiting.pop(0)
                return
            waiting.pop(0)
            yield "aborted"


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("turns", [3, pytest.param(100, marks=pytest.mark.slow)])
def test_damage_is_noticed_or_harmless(original, tmp_path, kind, turns):
    """One file flipped, cut or removed at a time; no answer may differ without a word.

    What is harmless is, for example, a commit that a checkpoint covers already. A damaged length
    in a data file can make the engine ask for all memory there is and abort, which nobody takes
    for an answer.
    """
    for turn in range(turns):
        chance = random.Random(f"{kind} {turn}")
        folder = Path(shutil.copytree(original, tmp_path / str(turn)))
        damage(chance.choice(sorted(folder.glob(FILES[kind]))), chance)
    found = Counter(outcomes([tmp_path / str(turn) for turn in range(turns)], original))

    assert set(found) <= {"refused", "reported", "harmless", "aborted"}
    assert found["aborted"] <= turns / 50
    if kind not in HARMLESS and turns > 50:
        assert found["harmless"] < turns


def test_results_that_are_damaged_are_refused_by_name(fleet):
    """Facts have no hash: a file of theirs that cannot be read is named."""
    fleet.check_drift()
    fleet.evaluate()
    for path in Path(fleet.url).glob("evaluations/*.parquet"):
        path.write_bytes(path.read_bytes()[:100])

    with pytest.raises(StoreError, match=fleet.url):
        argosy.open(fleet.url).triage()
