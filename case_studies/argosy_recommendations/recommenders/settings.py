"""What a template may say of its recommenders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from argosy.errors import BadInput, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["popularity", "item_knn", "ease"]


class Candidate(NamedTuple):
    """A model to choose from."""

    kind: Kind
    penalty: float = 0.0
    """Of EASE."""


class Settings(BaseModel):
    """The params of a lesson; all are texts there.

    Example:
        >>> from_params({"candidates": "popularity,ease", "lambda": "50,500"}).choices()
        [Candidate(kind='popularity', penalty=0.0), Candidate(kind='ease', penalty=50.0),
         Candidate(kind='ease', penalty=500.0)]
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    candidates: tuple[Kind, ...] = get_args(Kind)
    """From the simplest to the most complex."""
    neighbours: int = Field(100, ge=1)
    """How many other items each item is found by."""
    penalties: tuple[float, ...] = Field((50.0, 500.0), alias="lambda")
    """What EASE adds to the diagonal; each is a candidate."""
    length: int = Field(20, ge=1, le=1000)
    """How many items a list holds."""
    least: int = Field(20, ge=2)
    """With fewer customers to hold purchases out of, popularity it is."""
    least_customers: int = Field(1, ge=1)
    """Items that fewer customers bought are not known."""
    most_items: int = Field(5000, ge=1)
    """Only the most popular items are known; their matrix must fit into memory."""
    customer: str = "customer"
    item: str = "item"
    timestamp: str | None = None
    """Columns of the interactions; without a time, purchases are held out at random."""
    retired: str = "retired"
    """A column that is true where the item is no longer sold; it may be absent."""

    @field_validator("candidates", "penalties", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("penalties")
    @classmethod
    def _positive(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or not all(0 < one < float("inf") for one in value):
            raise ValueError("it must be positive, so that the matrix can be inverted")
        return value

    def choices(self) -> list[Candidate]:
        """List the models to choose from, simplest first."""
        found = []
        for kind in get_args(Kind):
            if kind in self.candidates:
                penalties = self.penalties if kind == "ease" else (0.0,)
                found += [Candidate(kind, penalty) for penalty in penalties]
        return found


def from_params(params: Mapping[str, str]) -> Settings:
    """Read the params of a lesson.

    Raises:
        BadInput: naming what cannot be read, and what is known.
    """
    try:
        return Settings.model_validate(dict(params))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"][:1])
        known = [field.alias or name for name, field in Settings.model_fields.items()]
        raise BadInput(
            f"the param {name!r} of a recommender: {refusal(first)}; there are {', '.join(known)}"
        ) from error
