"""A fleet of five clients, whose trainer tells what it saw."""

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.plugins import installed
from argosy.types import Executor

from .clients import NAMES, echo, here, put, shop


@pytest.fixture(autouse=True)
def offered(monkeypatch):
    """A trainer that tells what it saw, and an executor in this process."""
    for name in ("trainers", "executors"):
        getattr(installed(), name)
    put(monkeypatch, echo)
    monkeypatch.setitem(installed().executors, "local", Executor("local", here))


@pytest.fixture
def fleet(tmp_path):
    """Five clients in one table, of which `c4` has no row, and their template."""
    rows = pl.DataFrame(
        {"client": [NAMES[n % 4] for n in range(40)], "x": np.arange(40.0), "y": [0.5] * 40}
    )
    rows.write_parquet(tmp_path / "rows.parquet")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")
    fleet.define(shop())
    fleet.instantiate("shop", {"model": NAMES})
    role = {"role": "training", "url": str(tmp_path / "rows.parquet"), "template": "shop"}
    fleet.bind([{**role, "key": "client", "truth": "y"}])
    return fleet
