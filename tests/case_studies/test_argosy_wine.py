"""The reference figures of the wine case hold."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from argosy.errors import BadInput
from argosy.plugins import installed
from argosy_wine.data import FILE, windows
from argosy_wine.scenario import _compare

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def data() -> Path:
    folder = Path(os.environ.get("ARGOSY_DATA", SHARED))
    if not (folder / FILE).is_file():
        pytest.skip(f"no {FILE} in {folder}; set ARGOSY_DATA to its folder")
    return folder


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("wine") / "fleet")


@pytest.fixture(scope="module")
def figures(data: Path, fleet: str) -> pl.DataFrame:
    return installed().cases["wine"].run(fleet, data)


def test_every_figure_holds(figures):
    """A case that no longer reproduces is a change of behaviour somewhere below it."""
    broken = figures.filter(~pl.col("holds"))

    assert figures.height == 8
    assert broken.rows() == []


def test_figures_have_the_columns_of_a_case(figures):
    """Whoever prints the figures of any case relies on them."""
    assert figures.columns == ["figure", "expected", "measured", "tolerance", "holds"]


def test_a_figure_that_is_off_does_not_hold():
    """Otherwise the table would hold whatever was measured."""
    figures = _compare({"red MAE, low side": 0.5, "red drifted, low side": 1.0})

    assert figures.filter("holds").rows() == []


def test_the_case_can_be_played_again_in_the_same_fleet(figures, fleet, data):
    """A version never changes, so a second play must not register anew."""
    again = installed().cases["wine"].run(fleet, data)

    assert figures.equals(again)


def test_the_low_side_is_split_and_the_high_side_is_not(data):
    """The models must not have seen the strong wines."""
    tables = windows(data)
    each = [role.filter(pl.col("model").str.ends_with("-3")) for role in tables.values()]
    reference, holdout, current = each
    low = pl.concat([reference, holdout])

    assert dict(low.group_by("colour").len().rows()) == {"red": 842, "white": 2573}
    assert dict(low.group_by("colour").agg(pl.col("alcohol").max()).rows()) == {
        "red": 10.2,
        "white": 10.4,
    }
    assert low.height + current.height == 6497


def test_a_folder_without_the_wines_is_named(tmp_path):
    """The user must learn which file to put where."""
    with pytest.raises(BadInput, match=FILE):
        windows(tmp_path)
