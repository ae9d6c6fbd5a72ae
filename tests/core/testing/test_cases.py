"""The suite for cases notices each fault, by the test that names it."""

import polars as pl
import pytest

import argosy
from argosy.plugins import installed
from argosy.testing.cases import CaseSuite
from argosy.types import Case

from .faults import failed

FIGURES = {"figure": ["a", "b"], "expected": [1.0, 2.0], "measured": [1.0, 2.0],
           "tolerance": [0.1, 0.1], "holds": [True, True]}  # fmt: skip


def plays(**columns):
    def run(url, data):
        argosy.open(url, create=True)
        return pl.DataFrame(FIGURES | columns)

    return run


def once(url, data):
    argosy.open(url, create=True).register({"model": ["a"], "version": ["1"]})
    return pl.DataFrame(FIGURES)


@pytest.fixture
def suite(monkeypatch):
    def made(run, summary="Two figures."):
        monkeypatch.setitem(installed().cases, "figures", Case("figures", summary, run))
        return type("Suite", (CaseSuite,), {"name": "figures"})

    return made


def test_a_sound_case_passes(suite, tmp_path):
    assert failed(suite(plays()), tmp_path) == set()


@pytest.mark.parametrize(
    ("run", "noticed"),
    [
        (plays(measured=[1.0, 3.0], holds=[True, False]), "its_figures_hold"),
        (plays(measured=[1.0, 3.0]), "its_figures_hold"),
        (plays(figure=["a", "a"]), "its_figures_hold"),
        (plays(holds=["yes", "yes"]), "its_figures_hold"),
        (once, "it_can_be_played_again"),
    ],
)
def test_a_faulty_case_is_noticed(run, noticed, suite, tmp_path):
    assert failed(suite(run), tmp_path, noticed)
