"""The tasks that come with argosy are what every task must be."""

import numpy as np
import polars as pl

from argosy.testing.tasks import Drawn, TaskSuite


def spoiled(log, **values):
    """A log whose fourth row has other values."""
    here = pl.int_range(pl.len()) == 3
    return log.with_columns(
        pl.when(here).then(pl.lit(value)).otherwise(name).alias(name)
        for name, value in values.items()
    )


class TestRegression(TaskSuite):
    name = "regression"
    metric = "mae"

    def drawn(self, rows, seed):
        generator = np.random.default_rng(seed)
        truth, prediction = generator.normal(size=(2, rows))
        log = pl.DataFrame({"truth": truth, "prediction": prediction})
        return Drawn(log, log.select("prediction"))

    def unreadable(self, log):
        yield spoiled(log, prediction=None), "1 of 20 values of the prediction"
        yield spoiled(log, prediction=float("inf")), "1 of 20 values of the prediction"
        yield log.cast({"truth": pl.String}).pipe(spoiled, truth="many"), "holds 'many' (row "

    def unsound(self, answer):
        yield answer.select(prediction=pl.concat_list("prediction", "prediction"))


class TestBinary(TaskSuite):
    name = "binary"
    metric = "log_loss"
    binding = {"truth": "label", "score": "score"}

    def drawn(self, rows, seed):
        generator = np.random.default_rng(seed)
        score = generator.uniform(0.05, 0.95, rows)
        label = np.where(generator.uniform(size=rows) < score, "yes", "no")
        label[:2] = "no", "yes"
        log = pl.DataFrame({"label": label, "score": score})
        answer = pl.DataFrame(
            {
                "prediction": np.where(score >= 0.5, "yes", "no"),
                "probabilities": np.column_stack([1 - score, score]),
            }
        ).with_columns(pl.col("probabilities").arr.to_list())
        return Drawn(log, answer, ("no", "yes"))

    def unreadable(self, log):
        yield spoiled(log, score=float("nan")), "1 of 20 values of the prediction"
        yield spoiled(log, label="perhaps"), "a binary model has two classes"

    def unsound(self, answer):
        yield answer.with_columns(pl.col("probabilities").list.head(1))
        yield answer.with_columns(pl.col("probabilities").list.eval(pl.element() * 3))


class TestMulticlass(TaskSuite):
    name = "multiclass"
    metric = "log_loss"
    binding = {"truth": "label", "score": "shares", "prediction": "said"}

    def drawn(self, rows, seed):
        generator = np.random.default_rng(seed)
        shares = generator.dirichlet(np.ones(3), rows)
        words = np.array(["a", "b", "c"])
        label = words[generator.integers(0, 3, rows)]
        label[:3] = words
        said = words[shares.argmax(axis=1)]
        several = pl.Series(shares).arr.to_list()
        log = pl.DataFrame({"label": label, "said": said, "shares": several})
        return Drawn(log, pl.DataFrame({"prediction": said, "probabilities": several}), words)

    def unreadable(self, log):
        two = log.with_columns(pl.col("shares").list.head(2))
        yield two, "its score has 2 probabilities in a row, and its data 3 classes"
        yield spoiled(log, said="d"), "and its data 4 classes"

    def unsound(self, answer):
        yield answer.with_columns(pl.col("probabilities").list.head(2))


class TestRanking(TaskSuite):
    name = "ranking"
    metric = "ndcg_at_10"
    binding = {"truth": "bought", "prediction": "listed"}

    def drawn(self, rows, seed):
        generator = np.random.default_rng(seed)
        items = [f"i{number:02}" for number in range(30)]
        listed = [generator.permutation(items)[:12].tolist() for _ in range(rows)]
        bought = [generator.permutation(items)[:3].tolist() for _ in range(rows)]
        bought[0] = items
        log = pl.DataFrame({"bought": bought, "listed": listed})
        return Drawn(log, pl.DataFrame({"prediction": listed}), items)

    def unreadable(self, log):
        yield spoiled(log, listed=None), "1 of 20 lists are null"
        yield log.with_columns(listed=pl.lit("i01")), "a ranking's prediction is a list of items"

    def unsound(self, answer):
        yield answer.with_columns(prediction=pl.lit("i01"))
        yield answer.with_columns(novelty=pl.lit([1.0]))
