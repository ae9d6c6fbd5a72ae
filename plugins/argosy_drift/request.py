"""What a drift check is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from argosy.plugins.core_options import DriftRule
from argosy.types.request import Expressions, Metavar, Moment, Names, Offers, Request, Role, Window
from argosy_drift.baselines import baseline
from argosy_drift.rules import drift_rules
from argosy_rows.windows import WindowSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argosy_drift.baselines import Baseline

_HIDDEN: dict[str, Any] = {"hidden": True}


def _cut(window: str | None) -> str | None:
    WindowSpec(window)
    return window


def _expressions(segments: tuple[str, ...]) -> tuple[str, ...]:
    for text in segments:
        WindowSpec(segment=text)
    return segments


def _rules(given: Sequence[Mapping[str, Any] | DriftRule] | None) -> Sequence[DriftRule] | None:
    return None if given is None else drift_rules(given)


class Drift(Request):
    """Compare current with reference rows of each model, with fleet-wide false-alarm control.

    What models are held to (level, floors, least rows, windows that must agree) is the option
    core.drift; `argosy plugins show core` describes it.
    """

    reference: Role = Field("reference", description="The role of the rows that the models know.")
    current: Role = Field("current", description="The role of the rows that they meet now.")
    detectors: Annotated[Names | None, Offers("detectors")] = Field(
        None, description="A detector; repeat for several."
    )
    window: Annotated[Window | None, AfterValidator(_cut)] = Field(
        None,
        description="Judge current rows window by window: 1d, 1w, 1mo, '1000 rows' or 'by COLUMN'.",
    )
    against: Annotated[str, Metavar("BASELINE")] = Field(
        "fixed",
        description="Compare windows with the reference (fixed), those just before ('rolling 4'),"
        " or all earlier ones of their season ('seasonal 12mo': Marches with Marches).",
    )
    segments: Annotated[Expressions, AfterValidator(_expressions)] = Field(
        (), description="Judge its values one by one too."
    )
    rules: Annotated[tuple[DriftRule, ...] | None, BeforeValidator(_rules)] = Field(
        None,
        description="What models are held to; defaults to the option core.drift.",
        json_schema_extra=_HIDDEN,
    )
    at: Moment | None = Field(
        None,
        description="When it is: windows that end later are not judged. Without it, those that end"
        " after the last row of their file are not.",
    )
    fresh_reference: bool = Field(False, description="Read the reference rows again.")

    @model_validator(mode="after")
    def _comparable(self) -> Drift:
        baseline(self.against, self.window)
        return self

    @property
    def baseline(self) -> Baseline:
        """What a window is compared with."""
        return baseline(self.against, self.window)

    @property
    def cuts(self) -> list[WindowSpec]:
        """How rows are cut: all together first, then by each of the segments."""
        return [WindowSpec(self.window, segment) for segment in (None, *self.segments)]
