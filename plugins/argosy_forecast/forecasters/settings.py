"""Settings of a forecaster, as text, read into its params."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from argosy.errors import ArgosyError, BadInput, UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping


def _listed(value: Any) -> Any:  # noqa: ANN401
    """Split what stands in one text, with commas between."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""Names; as text, with commas between them."""


class Params(BaseModel):
    """What every forecaster takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay: int = Field(default=-1, ge=-1)
    """How many of the last steps of a history are not known yet; -1: as in what it is fitted to."""
    held: int = Field(default=365, ge=0, le=3_000)
    """How many origins at the end of the history, a day apart, are held out to see how large errors
    are; 0: none, and no quantiles."""


class Learning(Params):
    """What forecasters take that learn an answer for every step after an origin."""

    horizon: int = Field(default=0, ge=0, le=10_000)
    """The last step after the end of a history that it answers; 0: as many as a day has, or 1."""
    first: int = Field(default=1, ge=1)
    """The first step that it answers, where those before it are never asked."""
    at: Names = ()
    """Times of the day (UTC) at which histories end, as 10:00; by default that at which the history
    ends that it is fitted to. Of a history that ends in between, the last rows are not used."""
    ahead: Names = ()
    """Covariates that are known ahead, such as a weather forecast, with commas between them. What
    is observed only afterwards is no such column: it would make a backtest better than it can be.
    """
    holidays: str = ""
    """Whose holidays series keep that name none: an ISO code, with a subdivision after a dash."""

    @field_validator("at")
    @classmethod
    def _times(cls, at: tuple[str, ...]) -> tuple[str, ...]:
        for each in at:
            dt.time.fromisoformat(each)
        return at

    @property
    def phases(self) -> list[int]:
        """The times of the day, in microseconds."""
        read = [dt.time.fromisoformat(each) for each in self.at]
        return [(each.hour * 3600 + each.minute * 60 + each.second) * 1_000_000 for each in read]


P = TypeVar("P", bound=BaseModel)


def settled(forecaster: str, params: type[P], settings: Mapping[str, str]) -> P:
    """Read settings.

    Raises:
        UnknownName: for a setting that the forecaster does not take.
        BadInput: naming the setting, its value and what is allowed.

    Example:
        >>> settled("ridge", Learning, {"horizon": "24"}).horizon
        24
    """
    for name in settings:
        if name not in params.model_fields and params.model_config.get("extra") == "forbid":
            raise UnknownName.among(f"setting of {forecaster}", name, params.model_fields)
    try:
        return params.model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, ArgosyError):
            raise cause from None
        where = ".".join(map(str, first["loc"])) or "settings"
        raise BadInput(
            f"{where} of {forecaster} cannot be {first['input']!r}: {first['msg']}"
        ) from error
