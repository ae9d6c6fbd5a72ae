"""What a comparison is asked for."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from argosy.errors import BadInput
from argosy.types.request import Alias, Metavar, Names, Offers, Request, Role, Texts
from argosy_compare.verdict import LEVEL


class Compare(Request):
    """Test whether challengers beat the champion of each model on the same rows.

    Effects are positive where the challenger is better. Which of them are called better or worse
    is decided over all models together, so that luck seldom promotes anybody.
    """

    champion: Alias = Field("champion", description="Who is to be beaten.")
    challengers: Annotated[Texts, Metavar("ALIAS")] = Field(
        ("challenger",), min_length=1, description="Who tries; repeat for several."
    )
    data: Role = Field("holdout", description="The role of the data.")
    truth: Role | None = Field(
        None,
        description="The role of a table of labels, joined by id to data without a truth;"
        " 'truth' where something is bound to it.",
    )
    comparisons: Annotated[Names | None, Offers("comparisons", by_template=True)] = Field(
        None, description="A test; repeat for several. Defaults to that of each model's template."
    )
    metrics: Annotated[Names | None, Offers("metrics", default=False)] = Field(
        None,
        description="A metric; repeat for several. Defaults to that of each model's template, else"
        " to all that the tests have.",
    )
    level: float = Field(
        LEVEL,
        gt=0,
        lt=1,
        description="The tolerated share of false differences among those that are reported.",
    )

    @model_validator(mode="after")
    def _two_sides(self) -> Self:
        if self.champion in self.challengers:
            raise BadInput(
                f"challengers: {self.champion!r} is the champion, and cannot be compared with"
                " itself; name another alias"
            )
        return self
