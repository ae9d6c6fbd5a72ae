"""Load a model from its artifact, and hold it to what it must answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

import polars as pl

from argosy.artifacts import fetch
from argosy.errors import ArgosyError, ArtifactError, BadInput, PluginError
from argosy.kernels.numbers import as_arrays_hold
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import origin
from argosy_scoring.task_kinds import asked, kind_of, reads

if TYPE_CHECKING:
    from argosy.data.datasets import Dataset
    from argosy.store.location import Location
    from argosy.types import Predictor, TaskKind

T = TypeVar("T")

_PARTS = ("task", "classes", "predict")
"""What every model has."""
_BATCH = 100_000
"""Rows that a model predicts at once."""


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a chunk, each loaded once."""

    location: Location
    _held: dict[tuple[str, str], Guarded | str] = field(default_factory=dict)

    def get(self, unit: dict[str, Any]) -> Guarded:
        """Return a version's model.

        Raises:
            ArgosyError: if it cannot be loaded.
        """
        key = (unit["model"], unit["version"])
        if key not in self._held:
            try:
                self._held[key] = load(unit, self.location)
            except ArgosyError as error:
                self._held[key] = str(error)
        found = self._held[key]
        if isinstance(found, str):
            raise ArtifactError(found)
        return found


def load(unit: dict[str, Any], location: Location) -> Guarded:
    """Fetch, verify and parse one artifact.

    Raises:
        ArtifactError: if it is missing, changed, or not readable as its format.
    """
    loader = installed().loaders[unit["format"]]
    content = fetch(unit["artifact"], unit["digest"], location)
    try:
        name = f"{unit['model']}@{unit['version']}"
        predictor = call("loaders", loader.format, loader.load, content, answers=object, model=name)
        return Guarded(loader.format, cast("Predictor", predictor), name)
    except PluginError as error:
        raise ArtifactError(f"cannot read the artifact {unit['artifact']}: {error}") from error


class Guarded:
    """A model whose predictions are asked for like all that strangers wrote."""

    def __init__(self, format: str, model: Predictor, name: str | None = None) -> None:  # noqa: A002
        """Take what a loader answered; `name` is the version, as `MODEL@VERSION`.

        Raises:
            PluginError: naming the loader, if that is no model.
        """
        lacks = [part for part in _PARTS if not hasattr(model, part)]
        if lacks:
            raise PluginError(
                f"{origin('loaders', format)} answered with a {type(model).__name__}, which has no"
                f" {lacks[0]!r}"
            )
        self._format, self._model, self._name = format, model, name
        self.task, self.classes = model.task, model.classes

    @property
    def origin(self) -> str:
        """Say which loader read it, and whose that is."""
        return origin("loaders", self._format)

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Predict every row.

        Raises:
            PluginError: if the model fails, hangs, or changes the rows.
        """
        predict = self._model.predict
        asked = ("loaders", self._format, predict, rows)
        return call(*asked, answers=pl.DataFrame, model=self._name, act="predict")

    def told(self, name: str) -> Any:  # noqa: ANN401
        """Return what a model of some tasks says of itself, besides what it predicts.

        Raises:
            BadInput: if it says nothing of the kind.
        """
        if not hasattr(self._model, name):
            raise BadInput(f"the model, as read by {self.origin}, has no {name!r}")
        return getattr(self._model, name)

    def ask(self, verb: str, *arguments: Any, answers: type[T], limit: float | None = None) -> T:  # noqa: ANN401
        """Ask for something that models of some tasks can do besides predicting.

        Args:
            verb: the name of the method.
            arguments: what it is handed.
            answers: the type that it must answer with.
            limit: seconds; defaults to the option `core.time_limit`.

        Raises:
            BadInput: if the model has no such method.
            PluginError: if the model fails, hangs, or answers with something else.
        """
        function = getattr(self._model, verb, None)
        if function is None:
            raise BadInput(f"the model, as read by {self.origin}, cannot {verb}")
        return call(
            "loaders",
            self._format,
            function,
            *arguments,
            answers=answers,
            limit=limit,
            model=self._name,
        )


def failure(error: Exception) -> str:
    """Say in a line why a model could not predict."""
    told = str(error).strip().splitlines()
    first = told[0] if told else ""
    if isinstance(error, ArgosyError):
        return first
    return f"the model failed: {type(error).__name__}: {first}"


def features(unit: dict[str, Any], dataset: Dataset, task: str) -> list[str]:
    """Name the columns that a model predicts from: those it declares, else all that are left.

    What its task reads besides is no feature.
    """
    declared = unit["features"]
    if declared is None:
        own = reads([task])
        return [name for name in dataset.features if name not in own]
    return [feature["name"] for feature in declared if feature["role"] in {None, "feature"}]


def all_features(versions: pl.DataFrame) -> pl.DataFrame:
    """Return the features of any of a model's versions that read the same rows.

    Args:
        versions: `model` and `features`, in any number of rows per model.

    Returns:
        One row per model; `features` is null where a version declares none, and so may read all.
    """
    found = versions.group_by("model", maintain_order=True).agg(
        declared=pl.col("features").is_not_null().all(), features=pl.col("features").explode()
    )
    return found.select("model", features=pl.when("declared").then("features"))


def answered(
    predictor: Predictor, rows: pl.DataFrame, names: list[str], binding: dict[str, Any]
) -> pl.DataFrame:
    """Let a model predict, batch by batch, and hold it to one sound answer per row.

    Raises:
        BadInput: if it declares no feature, one is missing, no plugin here offers the model's task,
            or the model answers with other columns or rows than its task asks for.
    """
    absent = [name for name in names if name not in rows.columns]
    if absent:
        raise BadInput(f"the data at {binding['url']} has no column {absent[0]!r}")
    if not names:
        raise BadInput("its version declares no feature, so there is nothing to predict from")
    given, kind = as_arrays_hold(rows.select(names)), kind_of(predictor.task)
    parts = [_part(predictor, kind, part) for part in given.iter_slices(_BATCH)]
    return pl.concat(parts, how="vertical_relaxed") if parts else pl.DataFrame()


def _part(predictor: Predictor, kind: TaskKind, rows: pl.DataFrame) -> pl.DataFrame:
    answer = predictor.predict(rows)
    who = f"the model, as read by {predictor.origin}," if isinstance(predictor, Guarded) else "it"
    for name in kind.answers:
        if name not in answer.columns:
            raise BadInput(f"{who} answered without the column {name!r}")
    if answer.height != rows.height:
        raise BadInput(f"{who} predicted {answer.height} rows for {rows.height}")
    if kind.sound is None:
        return answer.select(kind.answers)
    return asked(kind, pl.DataFrame, kind.sound, predictor, answer)
