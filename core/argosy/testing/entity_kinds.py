"""What every kind of entity must do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

import argosy
from argosy.errors import RowsRefused
from argosy.store.entity_kinds import entity_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from argosy.fleet import Fleet
    from argosy.types import EntityKind


class EntityKindSuite:
    """Inherit this, set `name`, define `rows` and `refused`, and your kind is kept whole."""

    name: str
    """The kind under test."""

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """Return at least two entities that can be written to the fleet of `fleet`."""
        raise NotImplementedError

    def refused(self) -> Iterable[tuple[Mapping[str, Any], str]]:
        """Yield entities that it refuses, and words of the reason; none unless defined."""
        return ()

    def outdate(self, fleet: Fleet) -> str | None:
        """Change the fleet so that the kind would refuse the first of `rows`, which was removed.

        Deleting its model is such a change. Returns words of the reason; None, unless defined, if
        no change of the fleet does that.
        """

    def kept_back(self) -> Iterable[tuple[Mapping[str, Any], str]]:
        """Yield entities that can be written but not removed, and words of the reason.

        None unless defined.
        """
        return ()

    def fleet(self, folder: Path) -> Fleet:
        """Return a new fleet; with the models `a` and `b`, unless defined."""
        made = argosy.open(str(folder / "fleet"), create=True)
        made.register({"model": ["a", "b"], "version": ["1", "1"]})
        return made

    @property
    def kind(self) -> EntityKind:
        """Return the kind as the core finds it."""
        return entity_kinds()[self.name]

    def keys(self, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        """Return what tells the entities apart."""
        return pl.DataFrame(rows, infer_schema_length=None).select(self.kind.key)

    def kept(self, fleet: Any) -> list[dict[str, Any]]:  # noqa: ANN401  (now, or as it stood)
        """Return the entities of a fleet, in the order of their keys."""
        names = self.kind.schema.names
        told: list[dict[str, Any]] = fleet.table(self.kind.table).select(names).collect().to_dicts()
        return told

    def reasons(self, fleet: Fleet, rows: Sequence[Mapping[str, Any]]) -> list[str | None]:
        """Return why each of the rows cannot be written, None where it can."""
        try:
            outcomes = fleet.put(self.name, rows)
        except RowsRefused as error:
            outcomes = error.outcomes
        return outcomes["reason"].to_list()

    def test_it_is_described(self) -> None:
        """Users type its name and its table, and read a line of it."""
        assert self.kind.name == self.name.lower()
        assert self.kind.summary.strip()

    def test_what_is_written_is_read_as_it_was_given(self, tmp_path: Path) -> None:
        """And written again it is unchanged."""
        fleet, rows = self.fleet(tmp_path), self.rows()
        assert len(rows) > 1
        assert set(fleet.put(self.name, rows)["outcome"]) == {"written"}
        read = {tuple(row[name] for name in self.kind.key): row for row in self.kept(fleet)}
        for row in rows:
            held = read[tuple(row[name] for name in self.kind.key)]
            assert held == {**dict.fromkeys(self.kind.schema.names), **row}
        assert set(fleet.put(self.name, rows)["outcome"]) == {"unchanged"}

    def test_its_past_is_kept_and_can_be_brought_back(self, tmp_path: Path) -> None:
        """What is removed is there as of then, and after a rollback; the chain holds."""
        fleet, rows = self.fleet(tmp_path), self.rows()
        fleet.put(self.name, rows)
        full, seq = self.kept(fleet), fleet.seq
        fleet.remove(self.name, self.keys(rows[:1]))
        assert len(self.kept(fleet)) == len(rows) - 1
        assert self.kept(fleet.as_of(seq)) == full
        fleet.rollback(seq + 1)
        fleet.maintain()
        again = argosy.open(fleet.url)
        assert self.kept(again) == full
        assert again.verify().intact

    def test_what_it_refuses_is_told_and_not_written(self, tmp_path: Path) -> None:
        """Asked twice, it says the same, and of rows that are fine nothing."""
        fleet = self.fleet(tmp_path)
        for row, word in self.refused():
            seq = fleet.seq
            for _ in range(2):
                *fine, reason = self.reasons(fleet, [*self.rows(), row])
                assert fine == [None] * len(self.rows())
                assert word in (reason or ""), f"{row} should be refused: {word}"
            assert fleet.seq == seq

    def test_what_it_refuses_is_not_brought_back_by_a_rollback(self, tmp_path: Path) -> None:
        """An entity was removed, and what it was about has changed since."""
        fleet, rows = self.fleet(tmp_path), self.rows()
        fleet.put(self.name, rows)
        fleet.remove(self.name, self.keys(rows[:1]))
        removal = fleet.seq
        word = self.outdate(fleet)
        if word is None:
            return
        seq = fleet.seq
        assert word in _refusal(partial(fleet.rollback, removal))
        assert fleet.seq == seq

    def test_what_it_keeps_back_is_neither_removed_nor_rolled_back(self, tmp_path: Path) -> None:
        """It stays, whichever verb would take it away, and the reason is given."""
        for place, (row, word) in enumerate(self.kept_back()):
            fleet = self.fleet(tmp_path / str(place))
            assert set(fleet.put(self.name, [row])["outcome"]) == {"written"}
            seq = fleet.seq
            keys = self.keys([row])
            assert word in _refusal(partial(fleet.remove, self.name, keys))
            assert word in _refusal(partial(fleet.rollback, seq))
            assert fleet.seq == seq

    def test_no_rows_are_no_change(self, tmp_path: Path) -> None:
        """A file may be empty."""
        fleet = self.fleet(tmp_path)
        seq = fleet.seq
        assert fleet.put(self.name, pl.DataFrame(self.kind.schema.empty_table())).is_empty()
        assert fleet.seq == seq


def _refusal(change: Callable[[], object]) -> str:
    """Return why a change was refused; nothing if it was made."""
    try:
        change()
    except RowsRefused as error:
        return str(error)
    return ""
