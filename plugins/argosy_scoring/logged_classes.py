"""Labels of classes that a log holds, beside those that came true, as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.types import Readout
from argosy_scoring.class_codes import coded, zeros_and_ones
from argosy_scoring.columns import decided, faulty, of_truth, require, scores, unsound
from argosy_scoring.multiclass import columns, most_probable, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argosy.types import TaskRows
    from argosy_scoring.columns import Reasons
    from argosy_scoring.multiclass import Told


def recognises(binding: Mapping[str, Any], schema: Mapping[str, pl.DataType]) -> bool:
    """Say whether the truth may be a label, which is no list; its values tell the rest."""
    return not isinstance(schema[binding["truth"]], pl.List | pl.Array)


def from_log(handed: TaskRows) -> Readout:
    """Read the classes that a log has.

    The classes of a model are the labels that occur in truth and prediction. Without a prediction,
    a score above one half predicts class 1, and of several classes the most probable one is
    predicted, the first of equals. Probabilities of several classes are a struct, whose fields are
    called as the classes, or a list in their order.

    Raises:
        BadInput: if the binding names neither a prediction nor a score, or one that is not there.
    """
    require(handed.rows, handed.binding)
    binding, rows, models = handed.binding, handed.rows, handed.models
    guess = rows[binding["prediction"]] if binding["prediction"] else None
    if guess is not None and isinstance(guess.dtype, pl.List | pl.Array):
        raise BadInput(
            f"the prediction {guess.name!r} is a list of each row, and the truth a label; name a"
            " column of labels, or bind probabilities as score"
        )
    labels, positive = (rows[binding["truth"]], guess), binding["positive"]
    score = rows[binding["score"]] if binding["score"] else None
    boolean = any(each is not None and each.dtype == pl.Boolean for each in labels)
    nested = score is not None and score.dtype.is_nested()
    given = told(score, positive, boolean) if score is not None and nested else None
    known = None if given is None or given.labels is None else [given.labels] * models.height
    codes = None if known else zeros_and_ones(*labels, models.height, positive)
    if codes is None:
        codes = coded(*labels, handed.place, models.height, known, positive)
    reasons: Reasons = {}
    task, odd = _tasks(handed, codes.classes, given)
    of_rows: dict[str, Any] = {"truth": codes.truth, "prediction": codes.prediction}
    if given is not None:
        binary = np.array([each == "binary" for each in task])[handed.place]
        of_rows |= columns(given.values, given.width, codes.truth, binary, "multiclass" in task)
        odd |= faulty(handed, given.wrong, "score")
        if guess is None:
            likely = most_probable(given)
            of_rows["prediction"] = np.where(binary, decided(of_rows["score"]), likely)
    elif score is not None:
        of_rows["score"], wrong = scores(handed)
        reasons |= wrong
        if guess is None:
            of_rows["prediction"] = decided(of_rows["score"])
        if "multiclass" in task:  # a score tells two classes apart
            several = np.array([each == "multiclass" for each in task])
            of_rows["score"] = np.where(several[handed.place], np.nan, of_rows["score"])
        of_rows["truth_score"] = of_truth(codes.truth, of_rows["score"])
    reasons |= unsound(handed, of_rows["prediction"], "prediction")
    reasons |= odd
    reasons |= codes.apart
    return Readout(pl.DataFrame(of_rows), reasons, codes.classes, tasks=task, truth=codes.identity)


def _tasks(
    handed: TaskRows, classes: Sequence[Sequence[str]], given: Told | None
) -> tuple[list[str], Reasons]:
    """Return every model's task, and which have labels that do not fit it, or their scores."""
    binding = handed.binding
    sizes = pl.Series("size", np.fromiter(map(len, classes), np.int64, len(classes)))
    several = pl.col("size") > 2
    usual = pl.when(several).then(pl.lit("multiclass")).otherwise(pl.lit("binary"))
    frame = pl.DataFrame([handed.models["task"].alias("task"), sizes])
    tasks = frame.with_columns(task=pl.coalesce("task", usual))
    doubtful = several & ((pl.col("task") == "binary") | pl.lit(not binding["prediction"]))
    if binding["score"]:
        doubtful |= pl.col("size") == 1
    reasons: Reasons = {}
    many = 0
    if given is not None:
        many = int(given.width.max(initial=0))
        doubtful = (pl.col("size") != many) | (several & (pl.col("task") == "binary"))
    for place in tasks.select(doubtful.arg_true()).to_series().to_list():
        labels = classes[place]
        shown = ", ".join(map(repr, labels[:4]))
        if given is not None and len(labels) != many:
            reasons[place] = (
                f"its score has {many} probabilities in a row, and its data {len(labels)} classes:"
                f" {shown}; give a struct with a field per class"
            )
        elif len(labels) == 1:
            reasons[place] = (
                f"its only label is {shown}, and nobody says which class the score is of;"
                " name the label in the binding's `positive`"
            )
        elif tasks["task"][place] == "binary":
            reasons[place] = f"a binary model has two classes, and its data {len(labels)}: {shown}"
        else:
            reasons[place] = (
                f"a score tells two classes apart, and its data has {len(labels)}: {shown};"
                " bind a prediction"
            )
    return tasks["task"].to_list(), reasons
