"""What models are held to: the level, the floors, the least rows, the windows that must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import BadInput, UnknownName, refusal
from argosy.plugins import installed, options
from argosy.plugins.core_options import DriftRule
from argosy.plugins.settings import CORE
from argosy_drift.correction import LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MIN_ROWS = 20
"""Fewer rows on either side give the status `insufficient`, never a verdict."""


def drift_rules(given: Sequence[Mapping[str, Any] | DriftRule] | None) -> list[DriftRule]:
    """Read rules, or take those of the option `core.drift`.

    Raises:
        BadInput: naming the rule, the key and what is allowed.
    """
    if given is None:
        held: list[DriftRule] = options(CORE).drift
        return held
    from pydantic import ValidationError

    try:
        return [DriftRule.model_validate(rule) for rule in given]
    except ValidationError as error:
        told = error.errors()[0]
        key = ".".join(map(str, told["loc"])) or "rule"
        raise BadInput(
            f"the drift rule's {key} cannot be {told['input']!r}: {refusal(told)}; a rule has"
            f" {', '.join(DriftRule.model_fields)}"
        ) from error


def terms(
    models: pl.Series, rules: Sequence[DriftRule], select: Callable[[str], pl.Series]
) -> pl.DataFrame:
    """Return one row per model: `level`, `least`, `agree`, `among`, and `floor NAME` columns.

    Of several rules that say something of a model, the last counts.

    Args:
        models: the names.
        rules: in the order in which they were written.
        select: gives the names of the models that an expression selects.

    Raises:
        UnknownName: for a floor of a detector that is not installed.
    """
    held = pl.DataFrame({"model": models}).with_columns(
        level=pl.lit(LEVEL), least=pl.lit(MIN_ROWS), agree=pl.lit(1), among=pl.lit(1)
    )
    for rule in rules:
        try:
            chosen = models if rule.where is None else select(rule.where)
            detectors = {name: installed().detectors[name].name for name in rule.floors}
        except (BadInput, UnknownName) as error:
            raise type(error)(f"rules of drift: {error}") from error
        mine = pl.col("model").is_in(chosen.implode())
        agree, among = rule.agree or (None, None)
        said = {"level": rule.level, "least": rule.min_rows, "agree": agree, "among": among}
        for name, floor in rule.floors.items():
            said[f"floor {detectors[name]}"] = floor
        held = held.with_columns(
            pl.when(mine & pl.lit(value is not None))
            .then(pl.lit(value))
            .otherwise(pl.col(name) if name in held.columns else pl.lit(None, pl.Float64))
            .alias(name)
            for name, value in said.items()
        )
    return held
