"""The suite for aspects notices each fault, by the test that names it."""

import polars as pl
import pytest

import argosy
from argosy.plugins import installed
from argosy.testing.aspects import AspectSuite
from argosy.types import Aspect, Section

from .faults import failed


class OwnersSuite(AspectSuite):
    name = "owners"

    def known(self, folder):
        fleet = argosy.open(str(folder / "fleet"), create=True)
        fleet.register({"model": ["a"], "version": ["1"], "owner": ["bea"]})
        return fleet, "a"


def read(fleet, model, version):
    own = pl.col("newest_version").eq_missing(pl.lit(version, pl.String))
    rows = fleet.models().filter(own & (version is not None), model=model)
    return rows.select("model", "owner").collect()


def show(printer, fleet, model, version):
    printer.emit({"owner": model})


def fleets(printer, fleet, model, version):
    printer.emit({"owner": model})
    printer.say("done")


def faults(monkeypatch, tmp_path, show=show, read=read, **of):
    section = Section("owned by", 50, read, of.pop("columns", ("owner",)), of.pop("worded", None))
    aspect = Aspect("owners", of.pop("summary", "Who owns it."), show, section)
    monkeypatch.setitem(installed().aspects, "owners", aspect)
    monkeypatch.setitem(installed().aspects.givers, "owners", installed().plugin("local"))
    return failed(OwnersSuite, tmp_path)


@pytest.mark.filterwarnings("ignore::argosy.errors.ArgosyWarning")
@pytest.mark.parametrize(
    ("of", "noticed"),
    [
        ({"summary": " "}, "it_is_described"),
        ({"show": fleets}, "every_model_can_be_shown"),
        ({"show": lambda *_: None}, "every_model_can_be_shown"),
        ({"columns": ("nobody",)}, "every_model_can_be_shown"),
        ({"worded": lambda rows: rows.clear()}, "every_model_can_be_shown"),
        ({"read": lambda *_: [1]}, "every_model_can_be_shown"),
        ({"read": lambda *_: pl.DataFrame()}, "what_is_known_of_a_model_is_shown"),
        ({"read": lambda *_: 1 / 0}, "what_is_known_of_a_model_is_shown"),
    ],
)
def test_a_faulty_aspect_is_noticed(of, noticed, tmp_path, monkeypatch):
    assert noticed in faults(monkeypatch, tmp_path, **of)


def test_a_sound_aspect_is_not(tmp_path, monkeypatch):
    assert faults(monkeypatch, tmp_path) == set()
