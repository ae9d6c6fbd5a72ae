"""The gates themselves: who is worse than a baseline, too good to be true, or fails a case.

Each is a function from the table of `argosy_gate.table.beside` to one row per model and gate:
`model`, `version`, `gate`, `dataset`, `dataset_digest`, `metric`, `value`, `bound` (what it had to
reach, or not to pass), `n`, `passed` and `reason`. What cannot be judged has not passed.
"""

from __future__ import annotations

import polars as pl

ANSWER = ("model", "version", "gate", "dataset", "dataset_digest", "metric", "value", "bound", "n",
          "passed", "reason")  # fmt: skip
BASE_CASE = "base case"
SUSPICIOUS = "suspiciously perfect"
NORMAL = 1.959963984540054
PERFECT, TOLERANCE = 0.99, 0.1

_MODEL = ["model", "version"]


def baseline(
    rows: pl.DataFrame,
    against: pl.DataFrame,
    name: str,
    base: str,
    margin: float = 0.0,
    sure: bool = False,
) -> pl.DataFrame:
    """Hold models against a baseline: who is worse does not pass.

    A point estimate, where `argosy_compare` has a test: it keeps out what is plainly worse.

    Args:
        rows: as `beside` gives them.
        against: `model`, `metric`, `value` of the baseline on the base case's rows, and `reason`
            where it has none.
        name: what the baseline is called; the gate is `baseline:` and that.
        base: the dataset of the base case.
        margin: by how much of the metric's unit it must be better.
        sure: whether it must be better, and that beyond its own noise, 1.96 standard errors where
            these are known: else half of the models that know nothing would beat a constant.

    Example:
        >>> rows = pl.DataFrame({
        ...     "model": ["a", "b"], "version": ["1"] * 2, "dataset": ["holdout"] * 2,
        ...     "metric": ["auc"] * 2, "value": [0.8, 0.5], "sign": [1, 1], "n": [50] * 2,
        ... }).with_columns(pl.lit(None, pl.String).alias("reason"),
        ...                 pl.lit(None, pl.String).alias("dataset_digest"),
        ...                 pl.lit(None, pl.Float64).alias("error"))
        >>> bar = pl.DataFrame({"model": ["a", "b"], "metric": ["auc"] * 2, "value": [0.5, 0.5],
        ...                     "reason": [None, None]})
        >>> baseline(rows, bar, "naive", "holdout", sure=True).select("model", "passed").rows()
        [('a', True), ('b', False)]
    """
    bar = against.select("model", "metric", bar="value", why="reason")
    joined = rows.filter(dataset=base).join(
        bar, on=["model", "metric"], how="left", maintain_order="left"
    )
    noise = NORMAL * pl.col("error").fill_null(0.0).fill_nan(0.0) if sure else pl.lit(0.0)
    bound = pl.col("bar") + pl.col("sign") * (noise + margin)
    gained = pl.col("sign") * (pl.col("value") - bound)
    fine = gained > 0 if sure else gained >= 0
    refusal = pl.format(
        "its {} of {} is {} than {} of the baseline {}",
        *("metric", _short("value"), pl.lit("not surely better" if sure else "worse")),
        *(_short("bar"), pl.lit(name)),
    )
    if margin:
        refusal = pl.format("{} and a margin of {}", refusal, pl.lit(f"{margin:g}"))
    absent = pl.format(
        "the baseline {} cannot be measured: {}",
        *(pl.lit(name), pl.col("why").fill_null("it has no value of the metric")),
    )
    return _judged(joined, f"baseline:{name}", fine, bound, refusal, absent)


def suspiciously_perfect(rows: pl.DataFrame, base: str, skill: float = PERFECT) -> pl.DataFrame:
    """Flag models that are nearly perfect: some feature tells the truth, or the rows were seen.

    Skill is the share of the way from the best constant to a perfect model: 2 AUC - 1, or 1 less
    the ratio of the root mean squared errors.

    Args:
        rows: as `beside` gives them.
        base: the dataset of the base case.
        skill: from here on a model is suspicious.

    Source: Kaufman, Rosset and Perlich, "Leakage in data mining", KDD 2011.
    """
    chosen = rows.filter(dataset=base)
    bound = pl.col("best") - pl.col("sign") * pl.col("scale") * (1 - skill)
    endless = pl.col("best").is_infinite()  # nothing is nearly so good
    short = endless | (pl.col("sign") * (bound - pl.col("value")) > 0)
    refusal = pl.format(
        "its {} of {} is nearly perfect; look for a feature that tells the truth, or for rows that"
        " it was trained on",
        *("metric", _short("value")),
    )
    absent = pl.format("no constant can be held against its {}", "metric")
    bound = pl.when(~endless).then(bound)
    return _judged(chosen, SUSPICIOUS, short, bound, refusal, absent)


def suite(rows: pl.DataFrame, base: str, tolerance: float = TOLERANCE) -> pl.DataFrame:
    """Hold models to every case of their suite: the base case, each oddity, recent rows.

    The base case is passed by being measured. Any other case, which is a gate of its dataset's
    name, is passed by losing no more than the tolerance to the base case; a loss within the noise
    of both values, where their standard errors are known, is none.

    Args:
        rows: as `beside` gives them.
        base: the dataset of the base case.
        tolerance: the loss that is borne, as a share of the way from the best constant to a
            perfect model on the base case: at 0.1, an AUC may fall by 0.05.
    """
    ground = rows.filter(dataset=base)
    whole = _judged(
        ground, BASE_CASE, pl.lit(True), pl.lit(None, pl.Float64), pl.lit(""), pl.lit("")
    )
    others = rows.filter(pl.col("dataset") != base)
    unit = pl.when(pl.col("scale").is_finite()).then("scale")
    bound = pl.col("base") - pl.col("sign") * unit * tolerance
    lost = pl.col("sign") * (bound - pl.col("value"))
    noise = NORMAL * (pl.col("error") ** 2 + pl.col("base_error") ** 2).sqrt()
    fell = pl.col("sign") * (pl.col("base") - pl.col("value"))
    fine = (lost <= 0) | (fell <= noise.fill_null(0.0).fill_nan(0.0))
    refusal = pl.format(
        "on {} its {} is {}, and on {} {}: it loses more than {} of what it has over a constant",
        *("dataset", "metric", _short("value"), pl.lit(base), _short("base")),
        pl.lit(f"{tolerance:g}"),
    )
    absent = pl.format("no constant can be held against its {}", "metric")
    return pl.concat([whole, _judged(others, pl.col("dataset"), fine, bound, refusal, absent)])


def passing(judged: pl.DataFrame) -> pl.DataFrame:
    """Return `model` and `version` of those that passed every gate that they were held to.

    Example:
        >>> passing(pl.DataFrame({"model": ["a", "b", "b"], "version": ["1"] * 3,
        ...                       "passed": [True, True, False]})).rows()
        [('a', '1')]
    """
    every = judged.group_by(_MODEL, maintain_order=True).agg(
        pl.col("passed").fill_null(False).all()
    )
    return every.filter("passed").select(_MODEL)


def _judged(
    rows: pl.DataFrame,
    gate: str | pl.Expr,
    fine: pl.Expr,
    bound: pl.Expr,
    refusal: pl.Expr,
    absent: pl.Expr,
) -> pl.DataFrame:
    """Answer a row for each.

    Args:
        rows: as `beside` gives them.
        gate: what it is called.
        fine: whether a row passes; null where it has no bound.
        bound: what had to be reached, or not to be passed.
        refusal: why a row does not pass.
        absent: why it has no bound.
    """
    name = pl.lit(gate) if isinstance(gate, str) else gate
    passed = (pl.col("reason").is_null() & fine).fill_null(False)
    reason = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.format("it cannot be judged on {}: {}", "dataset", "reason"))
        .when(fine.is_null())
        .then(absent)
        .when(~fine)
        .then(refusal)
    )
    return rows.with_columns(
        gate=name, bound=bound.cast(pl.Float64), passed=passed, reason=reason
    ).select(ANSWER)


def _short(name: str) -> pl.Expr:
    return pl.col(name).round_sig_figs(3)
