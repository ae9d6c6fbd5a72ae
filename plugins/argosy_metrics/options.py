"""The options of the metrics."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Options(BaseModel):
    """The options of the section `metrics`."""

    beta: float = Field(
        2.0,
        gt=0,
        le=1e3,
        description="How much more recall counts than precision in `fbeta`.",
    )
    lift_share: float = Field(
        0.1,
        gt=0,
        lt=1,
        description="The share of the rows, highest scores first, that `lift` looks at.",
    )
    calibration_bins: int = Field(
        15,
        ge=1,
        le=10_000,
        description="The bins of equal width of `expected_calibration_error`.",
    )
    quantile: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="The quantile that the predictions are of, for `pinball`.",
    )
    mape_zero: Literal["undefined", "leave_out", "epsilon"] = Field(
        "undefined",
        description=(
            "What a truth of zero does to `mape`: the metric is undefined, the row is left out,"
            " or it is divided by 2**-52 as scikit-learn does."
        ),
    )
