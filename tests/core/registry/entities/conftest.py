"""A plugin that brings approvals, and a fleet of three models."""

import pytest

from .approvals import APPROVAL, offer


@pytest.fixture(autouse=True)
def _plugin(monkeypatch):
    offer(monkeypatch, APPROVAL)


@pytest.fixture
def fleet(empty):
    empty.register({"model": ["a", "b", "c"], "version": ["1", "1", "1"]})
    return empty
