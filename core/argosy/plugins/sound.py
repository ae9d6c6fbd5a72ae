"""Whether the numbers that a plugin answered can be believed, all rows of an answer at once.

A number is finite and within bounds, an interval holds its value, and a row has a value or the
reason why there is none. A row that breaks a rule fails, in the name of the plugin: its numbers are
forgotten, and the reason says what they were. Whoever takes answers in says by rules what they must
keep to, and goes on with what is left.

>>> answer = pl.DataFrame({"value": [0.7, float("nan"), None], "reason": [None, None, "no rows"]})
>>> rules = [number("value", "a value", 0, 1), either("value", "a value")]
>>> settled(answer, faults(answer, rules, "the metric 'gain'"), ["value"]).rows()
[(0.7, None, 'ok'), (None, "the metric 'gain' answered a value of nan", 'failed'),
 (None, 'no rows', 'undefined')]
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins.guarded_call import origin
from argosy.plugins.registry import Installed, installed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROUNDING = 1e-9
"""By how much of itself, or of 1, a number may lie beside its bound: sums are rounded."""
LEAST, GREATEST = "argosy_least", "argosy_greatest"
"""The columns that say within which bounds the numbers of a row lie."""
_REASON = pl.col("reason")
_UNSOUND = "^(a|an|neither|numbers) "
"""How what a rule tells begins: not so what `guarded_call` says of an answer as a whole."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that every row of an answer must keep to."""

    broken: pl.Expr
    """Whether a row breaks it; null where it has nothing to say."""
    told: pl.Expr
    """What such a row says, in words that follow "answered"."""


def number(name: str, what: str, low: float | str = "", high: float | str = "") -> Rule:
    """Demand that a number, where there is one, is finite and within bounds.

    Args:
        name: of the column.
        what: it is, with its article: `a p-value`.
        low: the least that it may be; or the column that says it; none unless given.
        high: the greatest that it may be, likewise.
    """
    value = pl.col(name)
    wrong = ~value.is_finite()
    if _bounds(low):
        bound = _of(low)
        wrong |= value < bound - ROUNDING * pl.max_horizontal(bound.abs(), 1.0)
    if _bounds(high):
        bound = _of(high)
        wrong |= value > bound + ROUNDING * pl.max_horizontal(bound.abs(), 1.0)
    return Rule(wrong, pl.format("{} of {}", pl.lit(what), _told(name)))


def within(name: str, what: str) -> Rule:
    """Demand that a number is finite and within the bounds that `bounded` put beside it."""
    return number(name, what, LEAST, GREATEST)


def bounded(answer: pl.DataFrame, bounds: Mapping[str, tuple[float, float]]) -> pl.DataFrame:
    """Put the bounds of each row's `metric` beside it; one that is not named has none."""
    ends = {LEAST: 0, GREATEST: 1}
    return answer.with_columns(
        pl.col("metric")
        .replace_strict(
            {metric: float(both[end]) for metric, both in bounds.items()},
            default=None,
            return_dtype=pl.Float64,
        )
        .alias(name)
        for name, end in ends.items()
    )


def probability(name: str, what: str) -> Rule:
    """Demand that a number, where there is one, lies in [0, 1], without any allowance."""
    value = pl.col(name)
    wrong = ~value.is_between(0.0, 1.0) | value.is_nan()
    return Rule(wrong, pl.format("{} of {}", pl.lit(what), _told(name)))


def ordered(lower: str, value: str, upper: str, what: str = "an interval") -> Rule:
    """Demand that an interval holds its value, where they are there."""
    low, middle, high = (pl.col(name) for name in (lower, value, upper))
    slack = ROUNDING * pl.max_horizontal(middle.abs(), 1.0)
    wrong = ((low > middle + slack) | (middle > high + slack)).fill_null(low > high)
    ends = _told(lower), _told(upper), _told(value)
    return Rule(wrong, pl.format("{} from {} to {} around {}", pl.lit(what), *ends))


def either(name: str, what: str) -> Rule:
    """Demand a number where there is no reason."""
    silent = _REASON.is_null() | (_REASON == "")
    return Rule(pl.col(name).is_null() & silent, pl.lit(f"neither {what} nor a reason"))


def alone(names: Iterable[str], what: str) -> Rule:
    """Demand that no number stands beside a reason."""
    some = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
    told = pl.format("{} beside a reason ({})", pl.lit(what), _REASON)
    return Rule(_REASON.is_not_null() & some, told)


def faults(answer: pl.DataFrame, rules: Sequence[Rule], who: str | pl.Expr) -> pl.Series | None:
    """Say of each row what is unsound about it, null where nothing is; None where no row is.

    Args:
        answer: the columns that the rules name.
        rules: the first that a row breaks is told.
        who: answered, as `argosy.plugins.guarded_call.origin` says it.
    """
    broken = pl.any_horizontal(rule.broken.fill_null(value=False) for rule in rules)
    if not answer.select(broken.any()).item():
        return None
    told = pl.coalesce(pl.when(rule.broken).then(rule.told) for rule in rules)
    teller = pl.lit(who) if isinstance(who, str) else who
    return answer.select(fault=pl.format("{} answered {}", teller, told)).to_series()


def settled(
    answer: pl.DataFrame,
    fault: pl.Series | None,
    numbers: Sequence[str],
    without: str = "undefined",
) -> pl.DataFrame:
    """Forget the numbers of rows that are unsound, and add the `status` of every row.

    Args:
        answer: with its `reason`.
        fault: as `faults` says it.
        numbers: the columns of the answer that are forgotten.
        without: the status of a sound row that has a reason; one without is `ok`.
    """
    defined = _REASON.is_null()
    status = pl.when(defined).then(pl.lit("ok")).otherwise(pl.lit(without))
    if fault is None:
        return answer.with_columns(status=status)
    failed = pl.lit(fault).is_not_null()
    return answer.with_columns(
        *forgotten(fault, numbers),
        reason=pl.coalesce(pl.lit(fault), _REASON),
        status=pl.when(failed).then(pl.lit("failed")).otherwise(status),
    )


def forgotten(fault: pl.Series, numbers: Iterable[str]) -> list[pl.Expr]:
    """Return the numbers without those of rows that are unsound."""
    sound = pl.lit(fault).is_null()
    return [pl.when(sound).then(pl.col(name)).alias(name) for name in numbers]


def counted(failed: pl.DataFrame, offered: str) -> list[str]:
    """Say how many results of each plugin were unsound, and what is wrong with the first.

    Args:
        failed: rows of a fact table: `status`, `reason`, and who was asked.
        offered: the column that names who was asked, such as `detector`.

    >>> counted(pl.DataFrame({"status": ["ok"], "metric": ["auc"], "reason": [None]}), "metric")
    []
    """
    kind = f"{offered}s"
    if kind not in Installed.kinds() or offered not in failed.columns:
        return []
    named = failed.filter(pl.col(offered).is_not_null(), status="failed")
    told = []
    for name in named[offered].unique(maintain_order=True):
        if name not in installed().offered(kind):
            continue
        begins = f"{origin(kind, name)} answered "
        own = named.filter(pl.col(offered) == name)["reason"]
        said = own.filter(own.str.starts_with(begins)).str.strip_prefix(begins)
        wrong = said.filter(said.str.contains(_UNSOUND))
        if len(wrong):
            many = f"{len(wrong):,} result{'s' if len(wrong) > 1 else ''} of the {offered} {name!r}"
            told.append(f"{many} failed: {begins}{wrong[0]}")
    return told


def _bounds(end: float | str) -> bool:
    return end != "" if isinstance(end, str) else isfinite(end)


def _of(end: float | str) -> pl.Expr:
    return pl.col(end) if isinstance(end, str) else pl.lit(float(end))


def _told(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.to_lowercase().fill_null("nothing")
