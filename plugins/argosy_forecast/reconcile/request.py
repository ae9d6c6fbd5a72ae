"""What a reconciliation is asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from argosy.types.request import Metavar, Moment, Request, Role


class Reconcile(Request):
    """Make forecasts of one origin add up along a hierarchy, by errors of earlier backtests.

    Nodes of the hierarchy are called as their series are in the table `forecasts`.
    """

    hierarchy: Annotated[str | None, Metavar("NAME")] = Field(
        None,
        description="Whose edges say what adds up; defaults to the only one there is. `argosy put"
        " hierarchy FILE` writes them.",
    )
    data: Role = Field("history", description="The role of the series that were forecast.")
    origin: Moment | None = Field(
        None, description="Of the forecasts; defaults to that of the last run of `forecast`."
    )
    method: Literal["bottom_up", "wls", "mint"] = Field(
        "mint",
        description="By what: the leaves alone, variances of errors, or correlations too (with 30"
        " origins at least, else variances).",
    )
    non_negative: bool = Field(False, description="Set leaves below zero to zero, and add up anew.")
