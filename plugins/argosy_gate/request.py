"""What gates are asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from argosy.types.request import Alias, Metavar, Names, Offers, Request, Role, Texts
from argosy_gate.rules import PERFECT, TOLERANCE
from argosy_gate.table import NAIVE, PREFERRED


def _preferred(metrics: object) -> object:
    return metrics or PREFERRED


class Gate(Request):
    """Hold models to the gates before a promotion, and name each gate that is not passed.

    They are: the base case can be measured; the model beats a constant, and is not worse than other
    baselines; it is not suspiciously perfect; and it does not fall on any case of its suite, which
    is every role that begins with oddity: and the role recent. What cannot be judged has not
    passed.
    """

    alias: Alias | None = Field(
        None, description="Whose version is judged; defaults to each model's newest."
    )
    data: Role = Field("holdout", description="The role of the data.")
    truth: Role | None = Field(
        None,
        description="The role of a table of labels, joined by id to data without a truth;"
        " 'truth' where something is bound to it.",
    )
    baselines: Annotated[Texts, Metavar("NAME")] = Field(
        (NAIVE,), description="naive, an alias or a model; repeat for several."
    )
    metrics: Annotated[Names, BeforeValidator(_preferred), Offers("metrics")] = Field(
        PREFERRED, description="What is looked at; repeat, the preferred first."
    )
    margin: float = Field(
        0.0, ge=0, description="How much better than a baseline, in units of the metric."
    )
    perfect: float = Field(
        PERFECT,
        gt=0,
        le=1,
        description="The share of the way from a constant to perfection that is suspicious.",
    )
    tolerance: float = Field(
        TOLERANCE,
        ge=0,
        description="The share of that way that may be lost on a case of the suite.",
    )
