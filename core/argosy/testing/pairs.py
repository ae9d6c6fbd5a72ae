"""Two models' predictions of the same rows, as a comparison is handed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping


SIDES = ("champion", "challenger")
LISTS = (
    *("truth", "weight"),
    *(f"{side}_{name}" for side in SIDES for name in ("prediction", "score", "truth_score")),
)
"""The columns of a pair's rows, all float64, besides `time`, and of a multiclass model the lists
`champion_probabilities` and `challenger_probabilities`."""

CLASSES: dict[str, int] = {"binary": 2, "multiclass": 4}
"""How many classes the models of a task know."""

_BEGIN = np.datetime64("2026-01-01", "us")


def pair(
    task: str, rows: int, better: float = 0.0, shared: float = 0.5, seed: int = 7
) -> pl.DataFrame:
    """Draw the truth, and what a champion and a challenger predict.

    Both err alike to a degree, as models of one problem do.

    Args:
        task: what the models predict; a multiclass model has four classes.
        rows: how many.
        better: how much of its signal, or less of its error, the challenger has over the champion.
        shared: the share of the variance of their errors that they have in common.
        seed: of the generator.

    Example:
        >>> rows = pair("binary", 1000, better=2.0)
        >>> [round((rows["truth"] == rows[f"{side}_prediction"]).mean(), 1) for side in SIDES]
        [0.8, 1.0]
    """
    generator = np.random.default_rng(seed)
    frame: dict[str, object] = {
        "weight": np.ones(rows),
        "time": _BEGIN + np.arange(rows) * np.timedelta64(1, "h"),
    }
    nothing = np.full(rows, np.nan)
    if task == "regression":
        truth = generator.normal(10.0, 3.0, rows)
        common = generator.normal(size=rows)
    else:
        classes = CLASSES[task]
        code = generator.integers(0, classes, rows)
        truth = code.astype(np.float64)
        common = generator.normal(size=(rows, classes))
    for side, more in zip(SIDES, (0.0, better), strict=True):
        own = generator.normal(size=common.shape)
        noise = np.sqrt(shared) * common + np.sqrt(1 - shared) * own
        if task == "regression":
            told = {"prediction": truth + 2 * noise / (1 + more), "score": nothing}
            told["truth_score"] = nothing
        else:
            logits = noise + (1.2 + more) * np.eye(classes)[code]
            each = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            if classes > 2:
                frame[f"{side}_probabilities"] = pl.Series(each).arr.to_list()
            told = {
                "prediction": each.argmax(axis=1).astype(np.float64),
                "score": each[:, 1] if classes == 2 else nothing,
                "truth_score": each[np.arange(rows), code],
            }
        frame |= {f"{side}_{name}": values for name, values in told.items()}
    types: dict[str, Any] = {
        "time": pl.Datetime("us", "UTC"),
        **dict.fromkeys(LISTS, pl.Float64),
    }
    return pl.DataFrame({"truth": truth, **frame}, schema_overrides=types).with_columns(
        pl.col(LISTS[2:]).fill_nan(None)
    )


def odd(task: str) -> Mapping[str, pl.DataFrame]:
    """Lay out pairs of which something is odd, by what it is.

    Example:
        >>> odd("binary")["no scores of one"]["challenger_score"].null_count()
        60
    """
    plain = pair(task, 60, better=0.5)
    zero, place = pl.lit(0.0), pl.int_range(pl.len())
    pairs = {
        "no rows": plain.clear(),
        "one row": plain.head(1),
        "two rows": plain.head(2),
        "equal rows": pl.concat([plain.head(1)] * 40),
        "one truth": plain.with_columns(truth=zero),
        "one prediction": plain.with_columns(champion_prediction=zero, challenger_prediction=zero),
        "one is always right": plain.with_columns(challenger_prediction="truth"),
        "one is always wrong": plain.with_columns(challenger_prediction=pl.col("truth") + 1),
        "weights": plain.with_columns(weight=1 + (place % 3).cast(pl.Float64)),
        "equal weights": plain.with_columns(weight=pl.lit(2.5)),
        "no time": plain.with_columns(time=pl.lit(None, pl.Datetime("us", "UTC"))),
        "one time": plain.with_columns(pl.col("time").first()),
    }
    if task == "regression":
        for name, value in (("NaN", np.nan), ("infinity", np.inf), ("1e300", 1e300)):
            wild = pl.when(place == 3).then(value).otherwise("challenger_prediction")
            pairs[name] = plain.with_columns(challenger_prediction=wild)
        pairs["one apart"] = plain.with_columns(
            champion_prediction=pl.col("truth") + 2, challenger_prediction=pl.col("truth") + 1
        )
        return pairs
    absent = pl.lit(None, pl.Float64)
    some = [
        pl.when(place > 3).then(name).alias(name)
        for name in ("challenger_score", "challenger_truth_score")
    ]
    return pairs | {
        "no scores of one": plain.with_columns(
            challenger_score=absent, challenger_truth_score=absent
        ),
        "some scores": plain.with_columns(some),
        "equal scores": plain.with_columns(champion_score=zero, challenger_score=zero),
        "ties": plain.with_columns(pl.col("champion_score", "challenger_score").round(1)),
        "one ranks without error": plain.with_columns(challenger_score="truth"),
        "both rank without error": plain.with_columns(
            challenger_score="truth", champion_score=pl.col("truth") / 2
        ),
        "logits": plain.with_columns(pl.col("challenger_score") * 20 - 10),
    }
