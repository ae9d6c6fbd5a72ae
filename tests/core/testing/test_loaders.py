"""The suite for loaders notices each fault, by the test that names it."""

import polars as pl
import pytest

from argosy.testing.loaders import Artifact, LoaderSuite, hostile
from argosy.types import Loader

from .faults import failed


class Threshold:
    """Calls a row when its number is positive."""

    task, classes = "binary", (False, True)

    def predict(self, rows):
        chance = pl.col("x").clip(0, 1)
        return rows.select(prediction=chance > 0, probabilities=pl.concat_list(1 - chance, chance))


def strict(content):
    if content != b"threshold":
        raise ValueError("it is no threshold")
    return Threshold()


def model(predict):
    return type("Odd", (Threshold,), {"predict": lambda self, rows: predict(rows)})()


def runs_it(content):
    if content != b"threshold":
        exec(content)  # noqa: S102
        raise ValueError("it is no threshold")
    return Threshold()


@pytest.mark.parametrize(
    ("load", "noticed"),
    [
        (lambda content: Threshold(), "damaged_content_is_refused"),
        (runs_it, "content_that_would_run_code_is_refused_unrun"),
        (
            lambda content: model(lambda rows: Threshold().predict(rows.head(1))),
            "the_answer_has_the_columns_and_rows",
        ),
        (
            lambda content: model(lambda rows: Threshold().predict(rows.sort("x"))),
            "models_predict_what_they_are_known_to",
        ),
        (
            lambda content: model(
                lambda rows: rows.select(prediction="x", probabilities=pl.concat_list("x", "x"))
            ),
            "probabilities_are_shares_of_one",
        ),
        (
            lambda content: model(
                lambda rows: rows.select(prediction=pl.lit("neither").repeat_by(1).explode())
            ),
            "models_say_what_they_predict",
        ),
    ],
)
def test_a_faulty_loader_is_noticed(load, noticed, tmp_path):
    assert failed(loading(load), tmp_path, noticed)


def test_a_sound_loader_passes(tmp_path):
    assert set() == failed(loading(strict), tmp_path)


def loading(load):
    class Suite(LoaderSuite):
        name = "threshold"
        loader = Loader("threshold", load)

        def artifacts(self):
            rows = pl.DataFrame({"x": [0.5, -1.0, 0.25, 1.0]})
            yield Artifact(b"threshold", rows, [True, False, True, True])

    return Suite


def test_hostile_content_does_run_where_it_is_trusted(tmp_path):
    """Else the suite would prove nothing."""
    import pickle  # noqa: TID251  (our own bytes, to show that they work)

    pickle.loads(hostile(f"open({str(tmp_path / 'trace')!r}, 'w').close()")[0])

    assert (tmp_path / "trace").exists()
