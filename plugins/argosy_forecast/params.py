"""What a template of the trainer `forecast` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, model_validator

from argosy.errors import BadInput
from argosy.types import Trainer

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

OWN = frozenset({"forecaster", "series", "covariates"})
"""Params that are not the forecaster's."""


class Params(BaseModel):
    """The forecaster by its name, which columns it uses, and any of its own params."""

    model_config = ConfigDict(extra="allow", frozen=True)

    forecaster: str
    series: str | None = None
    """The column that tells series apart where one model forecasts many; by default it has one."""
    covariates: str = ""
    """The columns of numbers that it uses besides the values, with commas between them."""

    @model_validator(mode="after")
    def _known(self) -> Params:
        """Refuse a forecaster that is not here, and params that it does not have."""
        from argosy_forecast.forecasters import FORECASTERS

        if self.forecaster not in FORECASTERS:
            raise BadInput(
                f"no forecaster is called {self.forecaster!r}; there are {', '.join(FORECASTERS)}"
            )
        FORECASTERS[self.forecaster].params.model_validate(self.model_extra or {})
        return self

    @property
    def columns(self) -> list[str]:
        """The names of the covariates."""
        return [name.strip() for name in self.covariates.split(",") if name.strip()]


def settings(params: Mapping[str, str]) -> dict[str, str]:
    """Return the params that are the forecaster's own."""
    return {name: text for name, text in params.items() if name not in OWN}


def _train(lessons: pa.Table, rows: pa.Table) -> pa.Table:
    from argosy_forecast.trainer import train

    return train(lessons, rows)


TRAINER = Trainer("forecast", _train, "Fits a forecaster to each model's series.", Params)
