"""Turn rows into predictions beside the truth, by the model itself or from its log.

Both ways give the same columns, all float64: `truth`, `prediction`, `score`, `truth_score` and
`weight`. Class labels become codes: their place among the model's classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.artifacts import fetch
from argosy.errors import ArtifactError, BadInput
from argosy.plugins import installed

if TYPE_CHECKING:
    from argosy.store.location import Location
    from argosy.types import Predictor, Task

COLUMNS = ("truth", "prediction", "score", "truth_score", "weight")


def load(unit: dict[str, Any], location: Location) -> Predictor:
    """Fetch, verify and parse one artifact.

    Raises:
        ArtifactError: if it is missing, changed, or not readable as its format.
    """
    loader = installed().loaders[unit["format"]]
    content = fetch(unit["artifact"], unit["digest"], location)
    try:
        return loader.load(content)
    except ArtifactError:
        raise
    except Exception as error:
        raise ArtifactError(
            f"the artifact {unit['artifact']} cannot be read as {unit['format']}: {error}"
        ) from error


def scored(
    predictor: Predictor, rows: pl.DataFrame, features: list[str], binding: dict[str, Any]
) -> tuple[Task, pl.DataFrame]:
    """Predict the rows that have a truth, and code truth and prediction alike.

    Raises:
        BadInput: if a feature is missing, no row has a truth, or a prediction is no number.
    """
    absent = [name for name in features if name not in rows.columns]
    if absent:
        raise BadInput(f"the data at {binding['url']} has no column {absent[0]!r}")
    rows = _with_truth(rows, binding)
    answer = predictor.predict(rows.select(features))
    if answer.height != rows.height:
        raise BadInput(f"the model predicted {answer.height} rows for {rows.height}")
    truth = rows[binding["truth"]]
    weight = _weight(rows, binding)
    if predictor.task == "regression":
        prediction = answer["prediction"].cast(pl.Float64)
        return "regression", _checked(_frame(truth.cast(pl.Float64), prediction, weight))
    labels = [_text(label) for label in predictor.classes]
    codes = {label: float(code) for code, label in enumerate(labels)}
    unseen = float(len(labels))
    coded = pl.DataFrame(
        {
            "truth": _as_text(truth).replace_strict(codes, default=unseen, return_dtype=pl.Float64),
            "prediction": _as_text(answer["prediction"]).replace_strict(
                codes, default=None, return_dtype=pl.Float64
            ),
            "weight": weight,
        }
    )
    if "probabilities" in answer.columns:
        place = coded["truth"].cast(pl.Int64)
        each = answer["probabilities"]
        coded = coded.with_columns(
            score=each.list.get(1, null_on_oob=True)
            if len(labels) == 2
            else pl.lit(None, pl.Float64),
            truth_score=each.list.get(place, null_on_oob=True).fill_null(0.0),
        )
    else:
        nothing = pl.lit(None, pl.Float64)
        coded = coded.with_columns(score=nothing, truth_score=nothing)
    return predictor.task, _checked(coded.select(COLUMNS))


def logged(
    rows: pl.DataFrame, binding: dict[str, Any], task: Task | None
) -> tuple[Task, pl.DataFrame]:
    """Take predictions from the data's own columns.

    Raises:
        BadInput: if the binding names no prediction or score, or no row has a truth.
    """
    named = [binding[name] for name in ("prediction", "score") if binding[name]]
    if not named:
        raise BadInput(
            "the model is scored elsewhere, and its data names neither a prediction nor a score"
        )
    rows = _with_truth(rows, binding)
    truth = rows[binding["truth"]]
    weight = _weight(rows, binding)
    if task == "regression" or (task is None and not binding["score"] and truth.dtype.is_float()):
        prediction = rows[binding["prediction"]].cast(pl.Float64)
        return "regression", _checked(_frame(truth.cast(pl.Float64), prediction, weight))
    score = rows[binding["score"]].cast(pl.Float64) if binding["score"] else None
    truth_text = _as_text(truth)
    labels = truth_text.unique().sort().to_list()
    guess = rows[binding["prediction"]] if binding["prediction"] else None
    if guess is not None:
        labels = sorted({*labels, *_as_text(guess.drop_nulls()).unique().to_list()})
    if set(labels) <= {"0", "1"}:
        labels = ["0", "1"]
    codes = {label: float(code) for code, label in enumerate(labels)}
    coded = pl.DataFrame(
        {
            "truth": truth_text.replace_strict(codes, return_dtype=pl.Float64),
            "weight": weight,
        }
    )
    coded = coded.with_columns(
        score=score if score is not None else pl.lit(None, pl.Float64),
        prediction=_as_text(guess).replace_strict(codes, default=None, return_dtype=pl.Float64)
        if guess is not None
        else (score >= 0.5).cast(pl.Float64),  # type: ignore[operator, union-attr]
    ).with_columns(
        truth_score=pl.when(pl.col("truth") == 1).then("score").otherwise(1 - pl.col("score"))
    )
    found: Task = task or ("binary" if len(labels) <= 2 else "multiclass")
    return found, _checked(coded.select(COLUMNS))


def _with_truth(rows: pl.DataFrame, binding: dict[str, Any]) -> pl.DataFrame:
    name = binding["truth"]
    if not name:
        raise BadInput(f"the binding of {binding['url']} names no truth column; bind it with one")
    if name not in rows.columns:
        raise BadInput(f"the data at {binding['url']} has no truth column {name!r}")
    known = rows.filter(pl.col(name).is_not_null())
    if known[name].dtype.is_float():
        known = known.filter(pl.col(name).is_not_nan())
    if known.is_empty():
        raise BadInput(f"no row at {binding['url']} has a truth")
    return known


def _weight(rows: pl.DataFrame, binding: dict[str, Any]) -> pl.Series:
    if not binding["weight"]:
        return pl.Series("weight", [1.0]).new_from_index(0, rows.height)
    weight: pl.Series = rows[binding["weight"]].cast(pl.Float64).fill_null(0.0)
    if not (weight >= 0).all() or not weight.is_finite().all():
        raise BadInput(f"the weights in {binding['weight']!r} must be finite and not negative")
    return weight


def _frame(truth: pl.Series, prediction: pl.Series, weight: pl.Series) -> pl.DataFrame:
    nothing = pl.lit(None, pl.Float64)
    return (
        pl.DataFrame({"truth": truth, "prediction": prediction, "weight": weight})
        .with_columns(score=nothing, truth_score=nothing)
        .select(COLUMNS)
    )


def _checked(frame: pl.DataFrame) -> pl.DataFrame:
    for name in ("prediction", "score"):
        column = frame[name]
        wrong = frame.height - int((column.is_finite().fill_null(name == "score")).sum())
        if wrong:
            raise BadInput(
                f"{wrong} of {frame.height} values of the {name} are neither a finite number"
                " nor a known class"
            )
    return frame


def _text(label: object) -> str:
    # sklearn keeps labels as NumPy values and data may hold them as bools, ints or floats
    if isinstance(label, bool):
        return str(int(label))
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Boolean:
        column = column.cast(pl.Int8)
    if column.dtype.is_float() and bool((column.drop_nulls().drop_nans() % 1 == 0).all()):
        column = column.cast(pl.Int64, strict=False)
    return column.cast(pl.String)
