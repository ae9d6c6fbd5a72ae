"""Who opens a file of some ending, and what becomes of one that several claim."""

import polars as pl
import pytest

from argosy.errors import RowsRefused
from argosy.plugins import Plugin, installed
from argosy.registry.suffixes import by_suffix
from argosy.types import Source


@pytest.fixture
def offer(monkeypatch):
    """Have a stranger's plugin offer formats."""
    stranger = Plugin("acme", "argosy-acme", "1", "loaded", None, (), 0.0)

    def offer(name, *suffixes):
        source = Source(name, suffixes, lambda url, options: pl.scan_parquet(url))
        monkeypatch.setitem(installed().sources, name, source)
        monkeypatch.setitem(installed().sources.givers, name, stranger)

    return offer


def test_what_comes_with_argosy_keeps_its_endings(offer):
    offer("aaa", ".csv", ".aaa")

    assert by_suffix()[".csv"].format == "csv"
    assert by_suffix()[".aaa"].format == "aaa"


def test_an_ending_that_several_others_claim_is_nobodys(offer):
    offer("one", ".odd", ".one.odd")
    offer("two", ".odd")

    assert ".odd" not in by_suffix()
    assert by_suffix()[".one.odd"].format == "one"


def test_a_format_that_several_plugins_offer_is_refused_with_both_named(empty, monkeypatch):
    why = "two plugins offer the data format 'odd': 'a' and 'b'"
    monkeypatch.setattr(installed().sources, "contested", {"odd": why})
    empty.register({"model": ["m"], "version": ["1"]})

    with pytest.raises(RowsRefused, match="two plugins offer the data format 'odd'"):
        empty.bind([{"model": "m", "role": "holdout", "url": "x.odd", "format": "odd"}])
