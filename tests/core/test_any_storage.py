"""What data says does not depend on how it is stored, nor on who lies beside it.

One logical table is written in every format and type that can hold it, split into files, with its
columns and perhaps its rows in another order; each way is a model of one fleet, among neighbours
that are empty, broken or of another kind, and other tables with their ways. All ways of a table say
the same to the bit, together and alone; rows in another order, but for the rounding of sums.
"""

import itertools
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import argosy
from argosy.jobs import chunking

from .ways_to_store import LOG, ODD, VALUES, Storage, tables_of

pytestmark = pytest.mark.filterwarnings("ignore::argosy.errors.ArgosyWarning")

KINDS = (*VALUES, "number")
METRICS = ["accuracy", "mcc", "mae", "rmse"]


@dataclass
class Stored:
    """One logical table, the ways to store it, and the odd files beside it."""

    kind: str
    seed: int
    size: int
    ways: list
    odd: list
    alone: int
    """The way that is asked for alone, too."""

    @classmethod
    def drawn(cls, draw, kind):
        ways = draw(st.integers(3, 9))
        return cls(
            kind,
            draw(st.integers(0, 2**31)),
            draw(st.integers(30, 70)),
            [Storage(), *(Storage.drawn(draw, kind) for _ in range(ways))],
            draw(st.lists(st.sampled_from(sorted(ODD)), unique=True, max_size=4)),
            draw(st.integers(0, ways)),
        )

    def bindings(self, folder):
        """Write the table in every way, and the odd files; return where each model is bound."""
        reference, current = tables_of(self.seed, self.kind, self.size)
        bound = {}
        for place, way in enumerate(self.ways):
            own = folder / f"way{place}"
            own.mkdir(parents=True)
            bound[f"{folder.name}-way{place}"] = way.bindings(own, reference, current)
        for name in self.odd:
            (folder / name).write_bytes(ODD[name])
            url = str(folder / name)
            bound[f"{folder.name}-{name}"] = [
                {"role": role, "url": url, **LOG} for role in ("reference", "current")
            ]
        return bound


def fleet_of(url, bindings):
    """Return a new fleet whose models are bound to tables."""
    fleet = argosy.open(url, create=True)
    fleet.register({"model": list(bindings), "version": ["1"] * len(bindings)})
    fleet.bind(
        [{**row, "model": model} for model, rows in bindings.items() for row in rows], check=False
    )
    return fleet


def said(fleet, window, models):
    """Return what is measured anew of each of some models, without runs, times and folders."""
    asked = f"model IN ({', '.join(map(repr, models))})"
    measured = fleet.evaluate(
        asked, data="current", metrics=METRICS, window=window, slices=["c"], fresh=True
    ).results()
    # labels are compared as the numbers or the categories that their type makes of them
    checked = fleet.check_drift(asked, fresh_reference=True).results()
    checked = checked.filter(~pl.col("column").is_in(["t", "p"]))
    of_metrics = measured.select(
        *("model", "window", "slice", "metric", "value", "n", "status", "gap", "p_value"),
        pl.col("reason").str.replace_all(r"/\S*/", ""),
    )
    columns = ("model", "column", "detector", "effect", "p_value", "n_ref", "n_cur", "status")
    found = [
        frame.sort(pl.all()).rows_by_key("model") for frame in (of_metrics, checked.select(columns))
    ]
    return {model: [rows.get(model, []) for rows in found] for model in models}


def differing(found, expected, stirred):
    """Return the rows that differ; of stirred ones by more than another order of addition makes."""
    room = {"rel": 1e-9, "abs": 1e-12} if stirred else {"rel": 0, "abs": 0}
    return [
        (one, other)
        for ours, theirs in zip(found, expected, strict=True)
        for one, other in itertools.zip_longest(ours, theirs)
        if one != other and (one is None or other is None or not alike(one, other, room))
    ]


def alike(one, other, room):
    return all(
        value == wanted or (isinstance(value, float) and value == pytest.approx(wanted, **room))
        for value, wanted in zip(one, other, strict=True)
    )


def uncorrected(found):
    """Return the same rows; whether one is drift depends on all that are asked for with it."""
    return [
        [tuple("ok" if value == "drift" else value for value in row) for row in rows]
        for rows in found
    ]


@st.composite
def fleets(draw, tables):
    """Draw so many tables, of each kind in turn, and how their rows are cut."""
    kinds = itertools.islice(itertools.cycle(KINDS), tables)
    return [Stored.drawn(draw, kind) for kind in kinds], draw(st.sampled_from([None, "1d"]))


def hold(case, folder):
    """Hold tables to what they say, however they are stored, beside others and alone."""
    tables, window = case
    bound = {}
    for place, table in enumerate(tables):
        bound |= table.bindings(folder / f"table{place}")
    fleet = fleet_of(str(folder / "fleet"), bound)
    together = said(fleet, window, bound)
    for place, table in enumerate(tables):
        plain = together[f"table{place}-way0"]
        assert all(plain)
        for number, way in enumerate(table.ways):
            found = together[f"table{place}-way{number}"]
            assert differing(found, plain, way.stirred) == [], (way, table)
    own = {f"table{place}-way{table.alone}": table for place, table in enumerate(tables)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunking, "_size", lambda *_: 1)
        alone = said(fleet, window, own)
    for name, table in own.items():
        found, expected = uncorrected(alone[name]), uncorrected(together[name])
        assert differing(found, expected, stirred=False) == [], table


def drawn_often(times):
    """Play so many fleets."""
    return settings(
        max_examples=times,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        phases=[Phase.generate],
    )


@pytest.fixture(autouse=True)
def _no_syncing(monkeypatch):
    """Whether files survive a power cut is not asked here."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def fresh(tmp_path):
    """Return folders that are gone after their draw: ten thousand would fill a disk."""

    @contextmanager
    def made():
        folder = tmp_path / "drawn"
        yield folder
        shutil.rmtree(folder)

    return made


@drawn_often(3)
@given(case=fleets(20))
def test_a_table_says_the_same_however_it_is_stored(case, fresh):
    with fresh() as folder:
        hold(case, folder)


@pytest.mark.slow
@drawn_often(400)
@given(case=fleets(25))
def test_ten_thousand_stored_tables_say_the_same(case, fresh):
    with fresh() as folder:
        hold(case, folder)
