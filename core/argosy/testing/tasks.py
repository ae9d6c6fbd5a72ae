"""What every task must do."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal

import argosy
from argosy.errors import BadInput
from argosy.plugins import installed
from argosy.plugins.task_columns import RESERVED
from argosy.testing.interference import cut
from argosy.types import Answered, TaskRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from argosy.fleet import Fleet
    from argosy.types import Readout, TaskKind

USUAL = ("truth", "prediction", "score", "truth_score", "weight", "latency")
"""The columns that no task declares."""
_FIELDS = ("truth", "prediction", "score", "weight", "latency", "id", "timestamp", "positive")


class Drawn(NamedTuple):
    """Rows of one model, as a log of it has them and as it answers here."""

    log: pl.DataFrame
    """The columns that the binding names, and those that the task reads besides."""
    answer: pl.DataFrame
    """What `Predictor.predict` answers for these rows: the same predictions."""
    classes: Sequence[object] = ()
    """`Predictor.classes`; all of them occur in the log."""


class Held:
    """A model that says what it predicts, and is never asked."""

    def __init__(self, task: str, classes: Sequence[object]) -> None:
        self.task, self.classes = task, tuple(classes)

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Refuse: the suite has the answers."""
        raise NotImplementedError(f"nobody asks for {rows.height} predictions")


class TaskSuite:
    """Inherit this, set `name` and `metric`, define `drawn` and `unreadable`."""

    name: str
    """The task under test."""

    metric: str
    """An installed metric of the task, which has a value for what is drawn."""

    binding: Mapping[str, str] = MappingProxyType({"truth": "truth", "prediction": "prediction"})
    """Which columns of a log hold what."""

    def drawn(self, rows: int, seed: int) -> Drawn:
        """Draw rows of one model; define this. Other seeds draw other values."""
        raise NotImplementedError(f"{type(self).__name__} draws no {rows} rows of seed {seed}")

    def unreadable(self, log: pl.DataFrame) -> Iterable[tuple[pl.DataFrame, str]]:
        """Give logs of which something cannot be read, and words of the reason; define this.

        Args:
            log: what `drawn` drew, to be spoiled.
        """
        raise NotImplementedError(f"{type(self).__name__} spoils none of {log.height} rows")

    def unsound(self, answer: pl.DataFrame) -> Iterable[pl.DataFrame]:
        """Give answers that a model must not give, where the task has a `sound` to refuse them.

        Args:
            answer: what `drawn` drew, to be spoiled.
        """
        return ()

    @property
    def kind(self) -> TaskKind:
        """Return the task as the core finds it."""
        return installed().tasks[self.name]

    def handed(self, logs: Sequence[pl.DataFrame]) -> TaskRows:
        """Return the logs of some models as a task is handed them."""
        names = [f"m{place}" for place in range(len(logs))]
        models = pl.DataFrame({"model": names, "version": "1", "task": self.name})
        sizes = np.array([log.height for log in logs], np.int64)
        binding = {**dict.fromkeys(_FIELDS), "url": "a log", **self.binding}
        return TaskRows(pl.concat(logs), models, binding, np.arange(len(logs)), sizes)

    def of_logs(self, logs: Sequence[pl.DataFrame]) -> Readout:
        """Let the task read the logs of some models."""
        return self.kind.from_log(self.handed(logs))

    def of_models(self, drawn: Sequence[Drawn]) -> Readout:
        """Let the task read what some models answered."""
        answers = []
        for place, one in enumerate(drawn):
            assert set(self.kind.answers) <= set(one.answer.columns)
            model, answer = Held(self.name, one.classes), one.answer.select(self.kind.answers)
            if self.kind.sound is not None:
                answer = self.kind.sound(model, one.answer)
            answers.append(Answered(place, model, answer))
        return self.kind.from_models(self.handed([one.log for one in drawn]), answers)

    def fleet(self, folder: Path, logs: Sequence[pl.DataFrame], named: bool = True) -> Fleet:
        """Make a fleet of models that are scored elsewhere, with these logs in the role `holdout`.

        Args:
            folder: where it lies, with its data.
            logs: of the models `m0`, `m1`, ...
            named: whether the versions name the task.
        """
        folder.mkdir(parents=True)
        fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
        names = [f"m{place}" for place in range(len(logs))]
        rows = pl.DataFrame({"model": names, "version": "1"})
        fleet.register(rows.with_columns(task=pl.lit(self.name)) if named else rows)
        bindings = []
        for name, log in zip(names, logs, strict=True):
            url = str(folder / f"{name}.parquet")
            log.write_parquet(url)
            bindings.append({"role": "holdout", "model": name, "url": url, **self.binding})
        fleet.bind(bindings)
        return fleet

    def evaluated(self, fleet: Fleet) -> pl.DataFrame:
        """Evaluate a fleet with the metric; one row per model, in the order of their names."""
        found = fleet.evaluate(data="holdout", metrics=[self.metric]).results()
        told = ("model", "task", "dataset_digest", "metric", "value", "n", "status", "reason")
        return pl.DataFrame(found).select(told).sort("model")

    def refuses(self, model: Held, answer: pl.DataFrame) -> bool:
        """Say whether the task refuses an answer."""
        assert self.kind.sound is not None
        try:
            self.kind.sound(model, answer)
        except BadInput:
            return True
        return False

    def test_it_is_described(self) -> None:
        """Users read its name and its summary, and metrics its columns."""
        kind = self.kind
        assert kind.name == self.name.lower()
        assert kind.summary.strip()
        names = [column.name for column in kind.columns]
        assert len(set(names)) == len(names)
        assert not set(names) & RESERVED
        assert self.name in installed().metrics[self.metric].tasks

    def test_its_columns_are_what_other_tasks_call_so(self) -> None:
        """A chunk may have models of several tasks, whose rows are put into one table."""
        for other in installed().tasks.values():
            kinds = {column.name: column.kind for column in other.columns}
            for column in self.kind.columns:
                assert kinds.get(column.name, column.kind) == column.kind, (other.name, column)

    def test_what_it_reads_is_what_it_declares(self) -> None:
        """Truth and prediction are there, and nothing that nobody knows."""
        known = {*USUAL[:4], "reason", *(column.name for column in self.kind.columns)}
        for told in (self.of_logs([self.drawn(20, 1).log]), self.of_models([self.drawn(20, 1)])):
            assert {"truth", "prediction"} <= set(told.rows.columns) <= known
            assert told.rows.height == 20
            assert told.rows["truth"].null_count() == 0
            assert told.rows["prediction"].null_count() == 0

    def test_a_log_and_a_model_are_read_alike(self) -> None:
        """The same predictions have the same metrics, wherever they were made."""
        drawn = [self.drawn(40 + place, place) for place in range(3)]
        log, model = self.of_logs([one.log for one in drawn]), self.of_models(drawn)
        assert_frame_equal(log.rows, model.rows, check_column_order=False)
        assert list(map(list, log.labels or [])) == list(map(list, model.labels or []))
        assert list(log.classes or []) == list(model.classes or [])
        assert dict(log.reasons) == dict(model.reasons) == {}

    def test_the_order_of_rows_does_not_matter(self) -> None:
        """Files are written in any."""
        drawn = self.drawn(60, 3)
        order = np.random.default_rng(7).permutation(60)
        moved = Drawn(drawn.log[order], drawn.answer[order], drawn.classes)
        for one, other in (
            (self.of_logs([drawn.log]), self.of_logs([moved.log])),
            (self.of_models([drawn]), self.of_models([moved])),
        ):
            assert_frame_equal(one.rows[order], other.rows)
            assert one.labels == other.labels

    def test_neighbours_do_not_matter(self) -> None:
        """Models share chunks with any others."""
        drawn = [self.drawn(30 + 7 * place, place) for place in range(4)]
        together = self.of_logs([one.log for one in drawn]), self.of_models(drawn)
        end = 0
        for place, one in enumerate(drawn):
            size = one.log.height
            alone = self.of_logs([one.log]), self.of_models([one])
            for shared, own in zip(together, alone, strict=True):
                assert_frame_equal(shared.rows.slice(end, size), own.rows)
                labels = [[*each] for each in shared.labels or ()][place : place + 1]
                assert labels == [[*each] for each in own.labels or ()]
            end += size

    def test_what_cannot_be_read_is_a_reason_of_its_model_alone(self, tmp_path: Path) -> None:
        """Neither a wrong number nor a failed run."""
        log, other = self.drawn(20, 1).log, self.drawn(20, 2).log
        spoiled = list(self.unreadable(log))
        assert spoiled, "give a log of which something cannot be read"
        sound = self.evaluated(self.fleet(tmp_path / "sound", [other, other]))
        for place, (odd, words) in enumerate(spoiled):
            found = self.evaluated(self.fleet(tmp_path / f"{place}", [odd, other]))
            assert found["status"].to_list() == ["failed", "ok"], found["reason"].to_list()
            assert words in found["reason"][0]
            assert_frame_equal(found[1:], sound[1:])

    def test_answers_that_are_unsound_are_refused(self) -> None:
        """A model that answers something else fails by itself."""
        drawn = self.drawn(5, 1)
        if self.kind.sound is None:
            return
        model = Held(self.name, drawn.classes)
        assert self.kind.sound(model, drawn.answer).height == 5
        unsound = list(self.unsound(drawn.answer))
        assert unsound, "the task checks answers: give some that it refuses"
        for answer in unsound:
            assert self.refuses(model, answer), answer

    def test_a_metric_is_evaluated_in_a_fleet(self, tmp_path: Path) -> None:
        """From the registration to the number."""
        logs = [self.drawn(50, place).log for place in range(3)]
        found = self.evaluated(self.fleet(tmp_path / "fleet", logs))
        assert found["status"].to_list() == ["ok"] * 3, found["reason"].to_list()
        assert found["task"].to_list() == [self.name] * 3
        assert found["n"].to_list() == [50] * 3
        assert found["value"].is_finite().all()
        assert found["dataset_digest"].n_unique() == 3

    def test_chunks_do_not_matter(self, tmp_path: Path) -> None:
        """Fleets are cut in pieces."""
        logs = [self.drawn(40, place).log for place in range(5)]
        fleet = self.fleet(tmp_path / "fleet", logs)
        whole = self.evaluated(fleet)
        for most in (1, 2):
            with cut(most):
                assert_frame_equal(whole, self.evaluated(fleet))

    def test_a_log_that_it_recognises_is_read_alike_if_the_task_is_named(
        self, tmp_path: Path
    ) -> None:
        """Versions need not name it where the log tells."""
        logs = [self.drawn(40, place).log for place in range(2)]
        handed = self.handed(logs)
        recognises = self.kind.recognises
        if recognises is None or not recognises(handed.binding, handed.rows.schema):
            return
        named = self.evaluated(self.fleet(tmp_path / "named", logs))
        assert_frame_equal(named, self.evaluated(self.fleet(tmp_path / "bare", logs, named=False)))

    def test_a_constant_leaves_truth_and_weight_alone(self) -> None:
        """A gate measures it on the very rows, whatever their order."""
        if self.kind.naive is None:
            return
        rows = self.of_logs([self.drawn(30, 1).log, self.drawn(20, 2).log]).rows
        weighted, lengths = rows.with_columns(weight=pl.lit(1.0)), np.array([30, 20])
        found = self.kind.naive(weighted, lengths)
        assert_frame_equal(found.select("truth", "weight"), weighted.select("truth", "weight"))
        order = np.append(np.arange(30)[::-1], np.arange(30, 50))
        assert_frame_equal(found[order], self.kind.naive(weighted[order], lengths))
