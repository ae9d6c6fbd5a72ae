"""How comparisons are made, where there is a choice."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Options(BaseModel):
    """The options of the section `comparisons`."""

    resamples: int = Field(
        200, ge=50, le=100_000, description="How many resamples the test `bootstrap` draws."
    )
    seed: int = Field(0, ge=0, description="Where the test `bootstrap` begins to draw.")
    horizon: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="How many steps ahead the forecasts were made that `diebold_mariano` compares:"
        " errors that many steps apart are taken to be independent. Unset: ten batches of the time"
        " are.",
    )
