"""A fleet whose every model has a newer version to be promoted."""

import pytest

from .waves import MODELS, fleet_of


@pytest.fixture
def fleet(tmp_path):
    return fleet_of(tmp_path, MODELS)


@pytest.fixture
def everything(fleet):
    return fleet.where("true")
