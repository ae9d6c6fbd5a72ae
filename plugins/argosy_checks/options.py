"""What users can set of the checks."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, field_validator

from argosy.registry.times import length


def _days(period: str) -> float:
    days = length(period)
    if not days:
        raise ValueError(f"{period!r} is no period such as 31d or 12h")
    return days


class Options(BaseModel):
    """The options of the plugin `checks`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metrics: tuple[str, ...] = Field(
        (),
        description="The metrics that a promoted version must not be worse in, where its template"
        " names none; defaults to all that were compared.",
    )
    data: str | None = Field(
        None, description="The role whose measurements are looked at; defaults to every role."
    )
    age: str = Field(
        "31d", description="How old a measurement may be to promote on, such as 31d or 12h."
    )
    ages: tuple[str, ...] = Field(
        (), description="The same for the models of some tiers, as 1=7d,2=14d."
    )
    lists: str = Field("lists", description="The role that predictions are looked up in.")

    @field_validator("age")
    @classmethod
    def _period(cls, age: str) -> str:
        _days(age)
        return age

    @field_validator("ages")
    @classmethod
    def _of_tiers(cls, ages: tuple[str, ...]) -> tuple[str, ...]:
        for text in ages:
            tier, equals, period = text.partition("=")
            if not equals or tier not in {"1", "2", "3", "4"}:
                raise ValueError(f"{text!r} names no tier from 1 to 4 and its period, as 1=7d")
            _days(period)
        return ages

    @property
    def oldest(self) -> timedelta:
        """How old a measurement may be, where the tier of its model has no age of its own."""
        return timedelta(days=_days(self.age))

    @property
    def oldest_by_tier(self) -> dict[int, timedelta]:
        """How old a measurement may be, by tier."""
        parts = [text.split("=") for text in self.ages]
        return {int(tier): timedelta(days=_days(period)) for tier, period in parts}
