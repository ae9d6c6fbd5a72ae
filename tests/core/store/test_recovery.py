"""Acknowledged changes whose end of the log is damaged or gone: told, and brought back."""

import warnings
from pathlib import Path

import pytest

import argosy
from argosy.errors import ArgosyWarning, StoreError


@pytest.fixture
def fleet(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    for number in range(11):
        fleet.register({"model": [f"m{number}"], "version": ["1"]})
    return fleet


def last_entry(fleet):
    return max(Path(fleet.url, "ledger/_delta_log").glob("*.json"))


@pytest.mark.parametrize("left", [0, 50])
def test_a_last_entry_that_was_acknowledged_and_is_torn_is_brought_back(fleet, left):
    """Its rows were on the platter before it, and the chain says that they are the ones."""
    entry = last_entry(fleet)
    entry.write_bytes(entry.read_bytes()[:left])
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        again = argosy.open(fleet.url)
        assert again.models().collect().height == 11
    assert any("changes 11 to 11 were acknowledged" in str(each.message) for each in heard)
    again.register({"model": ["new"], "version": ["1"]})

    assert argosy.open(fleet.url).models().collect().height == 12
    assert argosy.open(fleet.url).verify().broken_at is None


def test_a_last_entry_that_is_gone_is_told_and_nothing_takes_its_place(fleet):
    """Whoever removes it, or restores too little, must not lose a change unseen."""
    last_entry(fleet).unlink()
    lost = "the changes up to 11 .* were acknowledged, and the last are missing"
    again = argosy.open(fleet.url)
    with pytest.warns(ArgosyWarning, match=lost):
        models = again.models().collect()
    assert models.height == 10
    with pytest.raises(StoreError, match=lost):
        again.register({"model": ["new"], "version": ["1"]})
    with pytest.warns(ArgosyWarning, match=lost):
        found = again.verify()
    assert not found.intact
    assert found.broken_at == 11


def test_what_is_gone_comes_back_where_its_rows_are_there(fleet):
    for _ in range(3):
        last_entry(fleet).unlink()
    again = argosy.open(fleet.url)
    with pytest.warns(ArgosyWarning, match="the last are missing"):
        again.models()
    with pytest.warns(ArgosyWarning, match="the changes 9 to 11 were acknowledged"):
        assert again.ledger.recover() == [9, 10, 11]

    assert argosy.open(fleet.url).models().collect().height == 11
    assert argosy.open(fleet.url).verify().broken_at is None


def test_rows_that_do_not_follow_are_not_brought_back(fleet):
    """What lost a race lies there too, and is nobody's."""
    fork = argosy.open(fleet.url)
    entry = last_entry(fleet)
    content = entry.read_bytes()
    entry.unlink()
    Path(fleet.url, "ledger.head").unlink()
    fork.register({"model": ["other"], "version": ["1"]})
    last_entry(fleet).write_bytes(content)

    assert "m10" in argosy.open(fleet.url).models().collect()["model"]
    assert "other" not in argosy.open(fleet.url).models().collect()["model"]
