"""Changes that are one piece of work: named together, and undone together."""

import json

import polars as pl
import pytest

import argosy
from argosy.errors import BadInput, ReadOnly, RowsRefused, StoreError, UnknownName
from argosy.governance import notices
from argosy.types import Listener
from argosy_cli.main import run

NIGHT = "night-2026-11-26"


@pytest.fixture
def night(fleet):
    return fleet.in_group(NIGHT)


def content(fleet):
    """All that is known of entities, but for when, by whom and as part of what."""
    change = ("updated", "since", "registered", "bound", "created", "moved_by", "by", "group")
    names = ("models", "versions", "aliases", "bindings", "runs")
    return {
        name: getattr(fleet, name)().drop(change, strict=False).collect().rows() for name in names
    }


def work(night, tmp_path):
    """One night: registrations, bindings, aliases, tags and a run, each a change of its own."""
    pl.DataFrame({"client": ["m1"], "x": [1.0]}).write_parquet(tmp_path / "lists.parquet")
    names = [f"m{number}" for number in range(6)]
    night.register({"model": [*names, "fresh"], "version": ["2"] * 7, "team": ["night"] * 7})
    night.bind({"role": ["lists"], "url": [str(tmp_path / "lists.parquet")], "key": ["client"]})
    night.set_alias({"model": names, "version": ["2"] * 6}, "champion")
    night.set_alias({"model": names[:2], "version": ["1"] * 2}, "champion", reason="not better")
    night.tag(night.where("model = 'm3'"), {"serving": "freeze"})
    return night.evaluate("model = 'm1'")


def test_every_change_and_run_says_its_group(fleet, night, tmp_path):
    before = fleet.seq
    run = work(night, tmp_path)
    events = fleet.events().collect()

    assert set(events.filter(pl.col("seq") > before)["group"]) == {NIGHT}
    assert set(events.filter(pl.col("seq") <= before)["group"]) == {None}
    assert fleet.runs().filter(run_id=run.id).collect()["group"].item() == NIGHT
    counted = fleet.sql('SELECT "group", COUNT(DISTINCT seq) AS n FROM events GROUP BY "group"')
    assert dict(counted.rows())[NIGHT] == 6


def test_a_group_is_rolled_back_as_one_change(fleet, night, tmp_path):
    """Registrations, a binding, an alias that moved twice, tags and a run."""
    fleet.set_alias(fleet.where("model = 'm0'"), "champion")
    before, seq = content(fleet), fleet.seq
    work(night, tmp_path)
    middle = fleet.seq
    outcomes = fleet.rollback(group=NIGHT)

    assert content(fleet) == before
    assert fleet.seq == middle + 1
    assert fleet.events().filter(seq=middle + 1).collect()["reason"].unique().to_list() == [
        f"rollback of the group {NIGHT}"
    ]
    assert set(outcomes["outcome"]) == {"put back", "removed", "unchanged"}
    assert outcomes.filter(outcome="unchanged")["key"].to_list() == ["champion/m0"]
    assert fleet.as_of(middle).versions().filter(version="2").collect().height == 7
    assert fleet.as_of(seq).models().collect().height == 6
    assert fleet.verify().broken_at is None


def test_a_rollback_of_a_group_is_undone_by_its_number(fleet, night, tmp_path):
    work(night, tmp_path)
    after = content(fleet)
    fleet.rollback(group=NIGHT)
    fleet.rollback(fleet.seq)

    assert content(fleet) == after


def test_a_group_that_is_rolled_back_twice_is_rolled_back_once(fleet, night, tmp_path):
    work(night, tmp_path)
    fleet.rollback(group=NIGHT)
    seq = fleet.seq
    again = fleet.rollback(group=NIGHT)

    assert set(again["outcome"]) == {"unchanged"}
    assert fleet.seq == seq


def test_a_part_that_was_rolled_back_by_itself_is_not_in_the_way(fleet, night):
    before = content(fleet)
    night.tag(night.where("true"), {"wave": "1"})
    fleet.rollback(fleet.seq)
    night.set_alias(night.where("true"), "champion")
    fleet.rollback(group=NIGHT)

    assert content(fleet) == before


def test_a_part_may_be_rolled_back_before_the_whole(fleet, night):
    """A rollback of a part leaves what the rest of the group had left."""
    before = content(fleet)
    night.tag(night.where("true"), {"wave": "1"})
    night.tag(night.where("model = 'm1'"), {"region": "asia"})
    fleet.rollback(fleet.seq)
    fleet.rollback(group=NIGHT)

    assert content(fleet) == before


def test_a_night_that_is_begun_again_is_undone_back_to_its_second_beginning(fleet, night):
    night.tag(night.where("model = 'm1'"), {"wave": "1"})
    fleet.rollback(group=NIGHT)
    fleet.set_owner(fleet.where("model = 'm1'"), "ada")
    before = content(fleet)
    night.tag(night.where("model = 'm1'"), {"wave": "2"})
    fleet.rollback(group=NIGHT)

    assert content(fleet) == before


def test_what_is_undone_already_may_change_again(fleet, night):
    night.tag(night.where("true"), {"wave": "1"})
    fleet.rollback(group=NIGHT)
    fleet.set_owner(fleet.where("model = 'm1'"), "ada")

    assert set(fleet.rollback(group=NIGHT)["outcome"]) == {"unchanged"}


def test_a_later_change_of_the_same_is_in_the_way(fleet, night):
    night.tag(night.where("true"), {"wave": "1"})
    fleet.set_owner(fleet.where("model = 'm4'"), "ada")
    seq = fleet.seq
    with pytest.raises(RowsRefused, match=f"model 'm4' was changed again by change {seq}"):
        fleet.rollback(group=NIGHT)

    assert fleet.seq == seq


def test_a_change_of_another_between_two_of_the_group_is_in_the_way(fleet, night):
    """To put back what stood before the first would undo what somebody else decided."""
    night.tag(night.where("model = 'm4'"), {"wave": "1"})
    fleet.set_owner(fleet.where("model = 'm4'"), "ada")
    between = fleet.seq
    night.tag(night.where("model = 'm4'"), {"wave": "2"})

    with pytest.raises(RowsRefused, match=f"'m4' was changed again by change {between}"):
        fleet.rollback(group=NIGHT)


def test_changes_of_other_entities_are_not_in_the_way(fleet, night):
    night.tag(night.where("model = 'm4'"), {"wave": "1"})
    fleet.in_group("elsewhere").tag(fleet.where("model = 'm5'"), {"wave": "9"})
    fleet.rollback(group=NIGHT)

    assert fleet.where("tags.wave IS NOT NULL").frame()["model"].to_list() == ["m5"]


def test_a_group_goes_on_in_another_process(fleet, night):
    night.tag(night.where("model = 'm4'"), {"wave": "1"})
    again = argosy.open(fleet.url).in_group(NIGHT)
    again.tag(again.where("model = 'm4'"), {"wave": "2"})
    fleet.rollback(group=NIGHT)

    assert "wave" not in str(fleet.models().collect()["tags"].to_list())


def test_an_unknown_group_lists_the_known(fleet, night):
    night.tag(night.where("model = 'm4'"), {"wave": "1"})
    with pytest.raises(UnknownName, match=f"did you mean '{NIGHT}'"):
        fleet.rollback(group="night-2026-11-25")
    with pytest.raises(BadInput, match="name a change by its number, or a group"):
        fleet.rollback()
    with pytest.raises(BadInput, match="name a change by its number, or a group"):
        fleet.rollback(1, group=NIGHT)


@pytest.mark.parametrize("name", ["", "a/b", " night", "x" * 201])
def test_a_bad_name_is_refused(fleet, name):
    with pytest.raises(BadInput, match="group"):
        fleet.in_group(name)


def test_the_past_has_no_groups_to_come(fleet):
    with pytest.raises(ReadOnly):
        fleet.as_of(1).in_group(NIGHT)


def test_the_hash_chain_covers_the_group(fleet, night):
    """Else somebody could move a change into a group, and roll it back with that."""
    night.tag(night.where("model = 'm4'"), {"wave": "1"})
    from argosy.store.walk import walk

    rows = fleet.ledger.scan()
    assert walk(rows, fleet.url, fleet.seq, {}).broken_at is None
    forged = rows.with_columns(group=pl.col("group").replace(NIGHT, "other"))
    assert walk(forged, fleet.url, fleet.seq, {}).broken_at == fleet.seq


def test_listeners_hear_of_the_group(fleet, night, monkeypatch):
    heard = []

    def hear(event):
        heard.append(event.group)
        return argosy.tables.NOTICES.empty_table()

    listener = Listener("ear", frozenset({"tag"}), hear)
    offered = type("Offered", (), {"listeners": {"ear": listener}})
    monkeypatch.setattr(notices, "installed", lambda: offered)
    monkeypatch.setattr(notices, "call", lambda _, __, work, about, answers: work(about))
    monkeypatch.setattr(notices, "whole", lambda _, __, answer, ___, ____: answer)
    fleet.tag(fleet.where("model = 'm4'"), {"wave": "1"})
    night.tag(night.where("model = 'm4'"), {"wave": "2"})

    assert heard == [None, NIGHT]


def test_a_store_of_an_older_format_says_what_to_do(fleet, tmp_path):
    (tmp_path / "fleet" / "argosy.json").write_text('{"format": 1, "fleet": "x"}')
    with pytest.raises(StoreError, match="no longer reads; export"):
        argosy.open(fleet.url)


def test_the_command_line_names_and_undoes_groups(fleet, capsys):
    def cli(*arguments):
        return run(["--fleet", fleet.url, *arguments]), capsys.readouterr()

    assert cli("--group", NIGHT, "tag", "wave=1", "--where", "true")[0] == 0
    assert cli("tag", "wave=2", "--where", "model = 'm1'", "--group", "other")[0] == 0
    told = json.loads(cli("history", "--group", NIGHT, "--json")[1].out)
    assert [row["group"] for row in told] == [NIGHT]
    assert NIGHT in cli("history")[1].out

    code, said = cli("rollback", "--group", NIGHT)
    assert code == 1
    assert "model 'm1' was changed again" in said.err
    assert cli("rollback", "--group", "other")[0] == 0
    code, said = cli("rollback", "--group", NIGHT, "--json")
    assert (code, {row["outcome"] for row in json.loads(said.out)}) == (0, {"put back"})
    assert cli("rollback")[0] == 2
    assert cli("rollback", "3", "--group", NIGHT)[0] == 2
    assert cli("rollback", "--group", "nobody")[0] == 2
