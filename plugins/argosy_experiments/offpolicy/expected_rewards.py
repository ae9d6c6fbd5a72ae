"""Rewards foretold from the log itself: what the doubly robust estimator leans on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy.kernels import total
from argosy_experiments.incoming import refuse_duplicates, validated

if TYPE_CHECKING:
    import pyarrow as pa

CHOICE = {"model": pl.String, "context": pl.String, "action": pl.String}


def foretold(
    log: pl.DataFrame | pa.Table, policy: pl.DataFrame | pa.Table, shrink: float = 20.0
) -> pl.DataFrame:
    """Add to every logged row what the target policy does there, and which reward is expected.

    The reward of an action in a context is the mean of the log's rows, drawn towards the mean of
    the model as if `shrink` more rows had had that. A row is left out of what is foretold of
    itself, so that the doubly robust estimator stays unbiased where the propensities are right.

    Args:
        log: `model`, `context` (such as the position, or a kind of customer), `action`, `reward`,
            `propensity`.
        policy: the target, one row per `model`, `context` and `action` that it may take, with its
            `probability`, and optionally `propensity`: 0 where the policy that ran never takes
            it. Where that column is missing, actions of which the log has no row are taken to be
            such.
        shrink: above 0.

    Returns:
        The log in its order with `target`, `expected`, `expected_target` and `uncovered`, as
        `estimates` wants them.

    Raises:
        BadInput: if a column is missing, a choice stands twice, its probabilities do not add up
            to 1, or a model's context of the log has none.

    Source: the expected reward is a shrunken mean (Efron and Morris, JASA 70, 1975); leaving the
    row out is the cross-fitting of Chernozhukov et al., Econometrics Journal 21 (2018).

    Example:
        >>> log = pl.DataFrame({"model": "m", "context": "1", "action": ["a", "b", "b"],
        ...                     "reward": [1.0, 0.0, 1.0], "propensity": 0.5})
        >>> policy = pl.DataFrame({"model": "m", "context": "1", "action": ["a", "c"],
        ...                        "probability": [0.75, 0.25]})
        >>> foretold(log, policy).select("target", "uncovered").rows()
        [(0.75, 0.25), (0.0, 0.25), (0.0, 0.25)]
    """
    if not shrink > 0:
        raise BadInput(f"means cannot be shrunk by {shrink!r} rows: give a number above 0")
    choice, context = [*CHOICE], ["model", "context"]
    rows = validated(log, {**CHOICE, "reward": pl.Float64}, "logged rows")
    chosen = validated(
        policy,
        {**CHOICE, "probability": pl.Float64},
        "choices of the target policy",
        {"propensity": pl.Float64},
    )
    chosen = refuse_duplicates(chosen, choice, "choices of the target policy")
    _whole(chosen, rows, context)
    of_choice = rows.group_by(choice).agg(total=total(pl.col("reward")), seen=pl.len())
    of_model = rows.group_by("model").agg(all_total=total(pl.col("reward")), all_seen=pl.len())
    filled = [pl.col("total").fill_null(0.0), pl.col("seen").fill_null(0)]
    asked = chosen.join(of_choice, on=choice, how="left", maintain_order="left").with_columns(
        filled
    )
    never = (pl.col("propensity") == 0).fill_null(pl.col("seen") == 0)
    probability, held = pl.col("probability"), pl.col("seen") + shrink
    # What is foretold is linear in the mean of the model, which differs from row to row.
    sums = asked.group_by(context).agg(
        fixed=total(probability * pl.col("total") / held),
        slope=total(probability * shrink / held),
        uncovered=total(probability.filter(never)),
    )
    others = (pl.col("all_total") - pl.col("reward")) / (pl.col("all_seen") - 1)
    mean = pl.when(pl.col("all_seen") > 1).then(others).otherwise(0.0)
    own = (pl.col("total") - pl.col("reward") + shrink * mean) / (pl.col("seen") - 1 + shrink)
    with_own = (pl.col("total") + shrink * mean) / (pl.col("seen") + shrink)
    names = ("target", "expected", "expected_target", "uncovered")
    joined = (
        rows.drop(names, strict=False)
        .join(of_choice, on=choice, how="left", maintain_order="left")
        .join(of_model, on="model", how="left", maintain_order="left")
        .join(sums, on=context, how="left", maintain_order="left")
        .join(
            chosen.select(*choice, target="probability"),
            on=choice,
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col("target").fill_null(0.0))
    )
    return joined.with_columns(
        expected=own,
        expected_target=pl.col("fixed")
        + pl.col("slope") * mean
        + pl.col("target") * (own - with_own),
    ).select(*rows.drop(names, strict=False).columns, *names)


def _whole(chosen: pl.DataFrame, rows: pl.DataFrame, context: list[str]) -> None:
    """Refuse a policy whose probabilities are invalid."""
    sums = chosen.group_by(context).agg(
        total=total(pl.col("probability")), least=pl.col("probability").min()
    )
    sound = (pl.col("total") - 1).abs().le(1e-6) & pl.col("least").ge(0)
    odd = sums.filter(~sound.fill_null(False)).sort(context)
    if odd.height:
        model, where, found, _ = odd.row(0)
        raise BadInput(
            f"the target policy of model {model!r} in context {where!r} has probabilities that"
            f" add up to {found:g}; they must be 0 or more and add up to 1"
        )
    lost = rows.join(sums, on=context, how="anti")
    if lost.height:
        model, where = lost.select(context).row(0)
        raise BadInput(
            f"the target policy of model {model!r} says nothing of context {where!r}, of which"
            " the log has rows; add its choices"
        )
