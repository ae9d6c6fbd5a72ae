"""What an evaluation is asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from argosy.types.request import Expressions, Metavar, Moment, Names, Offers, Request, Role, Window
from argosy_rows.windows import valid
from argosy_scoring.slices import expression


def _several(draws: int) -> int:
    if draws < 0 or draws == 1:
        raise ValueError("a spread needs two draws at least")
    return draws


def _expressions(slices: tuple[str, ...]) -> tuple[str, ...]:
    for text in slices:
        expression(text)
    return slices


class Evaluate(Request):
    """Evaluate the newest version of each model; a model that fails is a row with its reason.

    A version with an artifact is loaded and predicts; one that is scored elsewhere is measured on
    the predictions in its data.
    """

    data: Role = Field("holdout", description="The role of the data.")
    truth: Role | None = Field(
        None,
        description="The role of a table of labels, joined by id to data without a truth;"
        " 'truth' where something is bound to it.",
    )
    metrics: Annotated[Names | None, Offers("metrics", by_template=True)] = Field(
        None,
        description="A metric; repeat for several. Defaults to those of each model's template.",
    )
    window: Annotated[Window | None, AfterValidator(valid)] = Field(
        None,
        description="Measure window by window: 1d, 1w, 1mo, '1000 rows' or 'by COLUMN'; windows"
        " that were measured on the very same rows are left out.",
    )
    fresh: bool = Field(False, description="Measure those windows too.")
    at: Moment | None = Field(
        None,
        description="When it is, for bindings whose labels take a while; else the newest row of"
        " each model.",
    )
    slices: Annotated[Expressions, AfterValidator(_expressions)] = Field(
        (), description="Measure its values one by one too."
    )
    segments: bool = Field(False, description="Slice by the segments of the bindings too.")
    depth: int = Field(1, ge=1, description="Also slice by up to so many expressions together.")
    least: int = Field(30, ge=1, description="Leave out slices with fewer rows.")
    bootstrap: Annotated[int, Metavar("DRAWS"), AfterValidator(_several)] = Field(
        0,
        description="Take intervals from so many draws of rows, 1000 for one; else each metric's"
        " own.",
    )
    seed: int = Field(0, description="Of the draws, and of permutations of slices.")
