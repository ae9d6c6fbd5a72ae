"""What every model loader must do."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.plugins import installed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from argosy.types import Loader, Predictor


class Artifact(NamedTuple):
    """A model of the format, and what it is known to predict."""

    content: bytes
    """What the artifact holds."""
    rows: pl.DataFrame
    """Rows to predict: the features in the order in which the model takes them."""
    expected: Sequence[object]
    """The prediction of every row: class labels, or numbers."""


class LoaderSuite:
    """Inherit this, set `name`, define `artifacts`, and your loader meets good and bad content."""

    name: str
    """The model format under test."""

    tolerance: float = 1e-9
    """How far from the expected a predicted number may lie, relative to it and absolutely."""

    @property
    def loader(self) -> Loader:
        """Return the loader as the core finds it."""
        return installed().loaders[self.name]

    def artifacts(self) -> Iterable[Artifact]:
        """Give at least one model per task that the format can hold; define this."""
        raise NotImplementedError(f"{type(self).__name__} gives no artifacts")

    def refuses(self, content: bytes) -> bool:
        """Say whether the loader raises on the content."""
        try:
            self.loader.load(content)
        except Exception:
            return True
        return False

    def assert_equal(
        self, model: Predictor, expected: Sequence[object], found: Sequence[object]
    ) -> None:
        """Compare predictions: labels exactly, numbers within the tolerance."""
        if not model.classes:
            numbers, known = (np.asarray(side, float) for side in (found, expected))
            np.testing.assert_allclose(numbers, known, self.tolerance, self.tolerance)
        else:
            assert list(expected) == list(found)

    def test_its_name_is_what_users_type(self) -> None:
        """Formats are lowercase."""
        assert self.loader.format == self.name.lower()

    def test_models_predict_what_they_are_known_to(self) -> None:
        """Every row has its own prediction, in order."""
        for content, rows, expected in self.artifacts():
            model = self.loader.load(content)
            found = model.predict(rows)["prediction"].to_list()
            self.assert_equal(model, expected, found)

    def test_models_say_what_they_predict(self) -> None:
        """The task chooses the metrics, and the classes turn labels into codes."""
        for content, rows, _ in self.artifacts():
            model = self.loader.load(content)
            assert model.task in installed().tasks
            classes = len(model.classes)
            assert len(set(model.classes)) == classes
            least = {
                "regression": classes == 0,
                "binary": classes == 2,
                "multiclass": classes > 1,
                "ranking": classes > 0,
            }
            assert least.get(model.task, True)
            found = model.predict(rows)["prediction"]
            if isinstance(found.dtype, pl.List):
                found = found.explode(empty_as_null=False, keep_nulls=False)
            if model.classes:
                assert set(found) <= set(model.classes)

    def test_the_answer_has_the_columns_and_rows_of_the_contract(self) -> None:
        """One row per row, whether there are many or one; a prediction is never missing."""
        for content, rows, _ in self.artifacts():
            model = self.loader.load(content)
            for asked in (rows, rows.head(1), pl.concat([rows, rows])):
                answer = model.predict(asked)
                assert set(answer.columns) == kept(model, answer)
                assert answer.height == asked.height
                assert answer["prediction"].null_count() == 0

    def test_probabilities_are_shares_of_one(self) -> None:
        """One for each class, in the order of the classes."""
        for content, rows, _ in self.artifacts():
            model = self.loader.load(content)
            answer = model.predict(rows)
            if "probabilities" not in answer.columns:
                continue
            assert model.classes
            shares = np.array(answer["probabilities"].to_list(), float)
            assert shares.shape == (rows.height, len(model.classes))
            assert ((shares >= 0) & (shares <= 1)).all()
            np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-6)

    def test_each_row_is_predicted_as_if_it_were_alone(self) -> None:
        """Fleets are scored in pieces."""
        for content, rows, _ in self.artifacts():
            model = self.loader.load(content)
            together = model.predict(rows)["prediction"].to_list()
            backwards = model.predict(rows.reverse())["prediction"].to_list()
            self.assert_equal(model, together[::-1], backwards)

    def test_loading_again_predicts_the_same(self) -> None:
        """A run can be repeated, and the rows stay as they were."""
        for content, rows, _ in self.artifacts():
            before = rows.clone()
            first, second = (self.loader.load(content).predict(rows) for _ in range(2))
            assert first.equals(second)
            assert rows.equals(before)

    def test_damaged_content_is_refused(self) -> None:
        """Half a model must not predict."""
        noise = np.random.default_rng(7).bytes(2000)
        assert self.refuses(b"")
        assert self.refuses(noise)
        for content, _, _ in self.artifacts():
            for part in (1, 2, 3):
                assert self.refuses(content[: len(content) * part // 4]), f"{part} quarters of it"

    def test_content_that_would_run_code_is_refused_unrun(self, tmp_path: Path) -> None:
        """An artifact is somebody else's: as a pickle, in an archive, as source, as YAML."""
        trace = tmp_path / "trace"
        for content in hostile(f"open({str(trace)!r}, 'w').close()"):
            assert self.refuses(content), content[:40]
            assert not trace.exists(), f"it ran: {content[:40]!r}"


def kept(model: Predictor, answer: pl.DataFrame) -> set[str]:
    """Name the columns of an answer that its task lets through.

    Raises:
        BadInput: if the task refuses it.
    """
    kind = installed().tasks[model.task]
    assert set(kind.answers) <= set(answer.columns)
    return set(kind.answers if kind.sound is None else kind.sound(model, answer).columns)


def hostile(statement: str) -> list[bytes]:
    r"""Build contents that run a Python statement when they are opened by what trusts them.

    Example:
        >>> hostile("print(1)")[0][:14]
        b'cbuiltins\nexec'
    """
    pickled = f"cbuiltins\nexec\n(V{statement}\ntR.".encode("raw_unicode_escape")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for name in ("data.pkl", "archive/data.pkl", "model.pkl"):
            packed.writestr(name, pickled)
    return [
        pickled,
        archive.getvalue(),
        statement.encode(),
        f"!!python/object/apply:builtins.exec [{statement!r}]".encode(),
    ]
