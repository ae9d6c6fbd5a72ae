"""A sum of the log that is damaged is set aside, and the entries are read instead."""

import warnings
from pathlib import Path

import pytest

import argosy
from argosy.errors import ArgosyWarning
from argosy.store import checkpoints


@pytest.fixture
def fleet(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    for number in range(2 * checkpoints.EVERY + 3):
        fleet.register({"model": [f"m{number}"], "version": ["1"]})
    return fleet


def log(fleet):
    return Path(fleet.url, "ledger/_delta_log")


def test_the_log_is_summed_up_now_and_then(fleet):
    assert len(list(log(fleet).glob("*.checkpoint.parquet"))) == 2


@pytest.mark.parametrize("left", [0, 100, 4000])
def test_a_torn_checkpoint_falls_back_to_the_entries(fleet, left):
    """The engine writes it and syncs nothing, so a power cut may leave it so."""
    newest = max(log(fleet).glob("*.checkpoint.parquet"))
    newest.write_bytes(newest.read_bytes()[:left])
    with pytest.warns(ArgosyWarning, match=f"{newest.name} is damaged and is set aside"):
        models = argosy.open(fleet.url).models().collect()

    assert models.height == 2 * checkpoints.EVERY + 3
    assert argosy.open(fleet.url).verify().broken_at is None


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 999}'])
def test_a_torn_hint_costs_nothing(fleet, content):
    (log(fleet) / checkpoints.LAST).write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ArgosyWarning)
        models = argosy.open(fleet.url).models().collect()

    assert models.height == 2 * checkpoints.EVERY + 3


def test_both_may_be_torn(fleet):
    newest = max(log(fleet).glob("*.checkpoint.parquet"))
    newest.write_bytes(b"")
    (log(fleet) / checkpoints.LAST).write_bytes(b"")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ArgosyWarning)
        models = argosy.open(fleet.url).models().collect()

    assert models.height == 2 * checkpoints.EVERY + 3
