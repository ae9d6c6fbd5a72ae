"""What every trainer must do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal

from argosy.data.datasets import MODEL
from argosy.data.lessons import FIELDS, TIMES, answer_of
from argosy.plugins import installed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argosy.types import Predictor, Trainer


class TrainerSuite:
    """Inherit this, set `name`, and your trainer is asked as the core asks it."""

    name: str
    """The trainer under test."""

    params: Mapping[str, str] = {}
    """What a template says of it."""

    binding: Mapping[str, str] = {"truth": "label"}
    """The fields of a binding, and the columns of `data` that they name."""

    tolerance: float = 1e-9
    """How far two predictions of the same model may lie apart."""

    @property
    def trainer(self) -> Trainer:
        """Return the trainer as the core finds it."""
        return installed().trainers[self.name]

    def data(self, rows: int, seed: int) -> pl.DataFrame:
        """Give the rows of one model: by default two numbers, and a label of 0 or 1 beside them."""
        generator = np.random.default_rng(seed)
        size, age = generator.normal(size=(2, rows))
        label = (size + generator.normal(size=rows) > seed % 3 - 1).astype(np.int64)
        label[:2] = (0, 1)[:rows]
        return pl.DataFrame({"size": size, "age": age, "label": label})

    def asked(self, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Train one model on each table, and return a row for each."""
        template = self.data(4, 0)
        features = [name for name in template.columns if name not in self.binding.values()]
        whole = [rows.with_columns(pl.lit(name).alias(MODEL)) for name, rows in tables.items()]
        rows = pl.concat([template.clear().with_columns(pl.lit("").alias(MODEL)), *whole])
        sizes = [rows.height for rows in tables.values()]
        lessons = pl.DataFrame(
            {
                "model": list(tables),
                "version": ["1"] * len(tables),
                "template": ["suite"] * len(tables),
                "task": [None] * len(tables),
                "params": pl.Series([dict(self.params)] * len(tables), dtype=_PARAMS),
                "seed": [int(name.encode().hex()[:6], 16) for name in tables],
                "length": sizes,
                "names": [features] * len(tables),
                **{field: [self.binding.get(field)] * len(tables) for field in (*FIELDS, *TIMES)},
            },
            schema_overrides={
                **dict.fromkeys(
                    ("model", "version", "template", "task", *FIELDS, *TIMES), pl.String
                ),
                "seed": pl.Int64,
                "length": pl.Int64,
                "names": pl.List(pl.String),
            },
        ).with_columns(start=pl.col("length").cum_sum() - pl.col("length"))
        return answer_of(self.trainer, lessons, rows)

    def loaded(self, answer: Mapping[str, Any]) -> Predictor:
        """Open an artifact as the core does."""
        content = answer["content"]
        assert isinstance(content, bytes)
        return installed().loaders[str(answer["format"])].load(content)

    def predicted(self, answer: Mapping[str, Any], rows: pl.DataFrame) -> pl.DataFrame:
        """Let a model that was trained predict rows."""
        usual = [name for name in rows.columns if name not in self.binding.values()]
        read = answer.get("features") or usual
        return self.loaded(answer).predict(rows.select(read))

    def sound(self) -> dict[str, pl.DataFrame]:
        """Give models that anybody can train."""
        return {f"m{seed}": self.data(60 + 20 * seed, seed) for seed in range(4)}

    def assert_alike(
        self, one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]
    ) -> None:
        """Compare models by what they predict: artifacts may hold the time of day."""
        rows = self.data(50, 99)
        for mine, theirs in zip(one, other, strict=True):
            found, expected = self.predicted(mine, rows), self.predicted(theirs, rows)
            bound = self.tolerance
            assert_frame_equal(found, expected, rel_tol=bound, abs_tol=bound)

    def test_its_name_is_what_users_type(self) -> None:
        """Names are lowercase."""
        assert self.trainer.name == self.name.lower()

    def test_it_takes_its_params(self) -> None:
        """A template is checked against them."""
        if self.trainer.params is not None:
            self.trainer.params.model_validate(dict(self.params))

    def test_every_model_is_trained_and_its_loader_opens_it(self) -> None:
        """The task that it says is the model's, and every row has a prediction."""
        tables = self.sound()
        for answer, rows in zip(self.asked(tables).to_dicts(), tables.values(), strict=True):
            assert answer["reason"] is None, answer["reason"]
            assert self.loaded(answer).task == answer["task"]
            found = self.predicted(answer, rows)["prediction"]
            assert len(found) == rows.height
            assert found.null_count() == 0

    def test_the_order_and_the_company_of_models_change_nothing(self) -> None:
        """Each model is trained as if it were alone: no row crosses, and fleets are cut."""
        tables = self.sound()
        together = self.asked(tables).to_dicts()
        reverse = self.asked(dict(reversed(tables.items()))).to_dicts()[::-1]
        alone = [self.asked({name: rows}).to_dicts()[0] for name, rows in tables.items()]
        self.assert_alike(together, reverse)
        self.assert_alike(together, alone)

    def test_other_rows_make_another_model(self) -> None:
        """Else nothing was learnt, or from the rows of a neighbour."""
        tables = self.sound()
        found = [self.predicted(one, self.data(50, 99)) for one in self.asked(tables).to_dicts()]
        assert any(not one.equals(found[0]) for one in found[1:])

    def test_the_same_lesson_makes_the_same_model(self) -> None:
        """A run that is carried on ends as one that was not interrupted."""
        tables = self.sound()
        self.assert_alike(self.asked(tables).to_dicts(), self.asked(tables).to_dicts())

    def test_an_empty_table_has_an_empty_answer(self) -> None:
        """A trainer may be asked about nobody."""
        assert self.asked({}).is_empty()

    def test_what_cannot_be_trained_has_a_reason(self) -> None:
        """A single row, and no label at all: a model or a reason, and the neighbours as ever."""
        sound = self.sound()
        bare = self.data(30, 5)
        for column in (self.binding[name] for name in ("truth",) if name in self.binding):
            bare = bare.with_columns(pl.lit(None, bare.schema[column]).alias(column))
        answers = self.asked({"single": self.data(1, 3), "bare": bare, **sound}).to_dicts()
        for answer in answers[:2]:
            assert (answer["content"] is None) == (answer["reason"] is not None)
            assert not str(answer["reason"]).startswith("the trainer "), answer["reason"]
        self.assert_alike(answers[2:], self.asked(sound).to_dicts())


_PARAMS = pl.Map(pl.String, pl.String)
