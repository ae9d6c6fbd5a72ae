"""What drifted does not depend on how either side is stored."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

import argosy

SIZE = 60
FLAGS = [True, False, True] * 20
CATEGORICAL = [{"name": "x", "type": "categorical", "role": "feature"}]


def told(folder, pairs, detector, features=None):
    """Return status, effect and p-value of one detector for each pair of columns, a model each."""
    fleet = argosy.open(str(folder / "fleet"), create=True)
    names = [f"m{number:02}" for number in range(len(pairs))]
    fleet.register(
        [{"model": name, "version": "1", "features": features or None} for name in names]
    )
    bound = []
    for name, pair in zip(names, pairs, strict=True):
        for role, column in zip(("reference", "current"), pair, strict=True):
            url = f"{folder}/{name}-{role}.parquet"
            pl.DataFrame({"x": column}).write_parquet(url)
            bound.append({"role": role, "model": name, "url": url})
    fleet.bind(bound)
    found = fleet.check_drift(detectors=[detector]).results().sort("model")
    return found.select("status", "effect", "p_value").rows()


def test_whylogs_793_a_boolean_is_one_with_numbers_and_words_that_say_it(tmp_path):
    numbers = pl.Series(FLAGS).cast(pl.Int64)
    words = pl.Series(["True" if each else "False" for each in FLAGS])
    others = [
        numbers,
        numbers.cast(pl.Float64),
        numbers.cast(pl.String),
        words,
        words.str.to_lowercase(),
        words.str.to_uppercase(),
    ]

    pairs = [(FLAGS, other) for other in others]
    pairs += [(other.cast(pl.Categorical), FLAGS) for other in others[3:]]

    assert told(tmp_path, pairs, "chi_squared") == [("ok", 0.0, 1.0)] * len(pairs)


def test_words_that_say_more_than_true_and_false_are_words(tmp_path):
    words = ["True", "False", "maybe"] * 20

    ((status, effect, _),) = told(tmp_path, [(FLAGS, words)], "chi_squared")

    assert status == "drift"
    assert effect > 0.3


def test_eurybia_28_an_instant_is_one_category_in_every_unit_and_zone(tmp_path):
    utc = pl.Series([dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 2, 12)] * 30)
    utc = utc.dt.replace_time_zone("UTC")
    others = [
        utc.dt.convert_time_zone("Europe/Berlin"),
        utc.cast(pl.Datetime("ms", "UTC")),
        utc.cast(pl.Datetime("ns", "UTC")),
        utc.dt.replace_time_zone(None),
    ]

    found = told(tmp_path, [(utc, other) for other in others], "chi_squared", CATEGORICAL)

    assert found == [("ok", 0.0, 1.0)] * len(others)


def test_a_number_is_one_category_in_every_type(tmp_path):
    whole = pl.Series([7, 8, 2**60 + 1] * 20)
    others = [
        whole.cast(pl.String),
        whole.cast(pl.Decimal(38, 2)),
        whole.cast(pl.Int128),
        whole.cast(pl.String).cast(pl.Categorical),
        whole.cast(pl.String) + ".0",
    ]

    found = told(tmp_path, [(whole, other) for other in others], "chi_squared", CATEGORICAL)

    assert found == [("ok", 0.0, 1.0)] * len(others)


@pytest.mark.parametrize(
    ("kind", "base"),
    [(pl.Int64, 2**60), (pl.Int64, -(2**62)), (pl.UInt64, 2**63), (pl.Int128, 2**100),
     (pl.Decimal(38, 0), 2**90), (pl.Decimal(38, 4), 2**60)],
)  # fmt: skip
def test_buckaroo_632_numbers_beyond_floats_move_as_small_ones_do(tmp_path, kind, base):
    """As floats sixty neighbours were one number, and nothing had moved."""

    def column(first, kind):
        numbers = [first + place for place in range(SIZE)]
        return pl.Series(numbers, dtype=pl.Int128).cast(kind)

    small = column(0, pl.Int64), column(40, pl.Int64)
    large = column(base, kind), column(base + 40, kind)

    found = told(tmp_path, [small, large], "ks")

    assert found[0] == found[1]
    assert found[1][:2] == ("drift", 2 / 3)


def test_one_number_far_from_the_others_does_not_blur_them(tmp_path):
    """A zero often stands for what is missing."""
    pair = [pl.Series([0, *(2**60 + plus + n for n in range(SIZE - 1))]) for plus in (0, 40)]

    assert told(tmp_path, [pair], "ks")[0][:2] == ("drift", pytest.approx(40 / SIZE))


def test_text_of_instants_is_one_with_instants_that_are_categories(tmp_path):
    """Written with a `T` or a zone it drifted from the very same days, with p 1e-26."""
    days = pl.Series([dt.date(2024, 1, 1), dt.date(2024, 1, 2)] * 30)
    words = [days.cast(pl.String) + end for end in ("T00:00:00", "T00:00:00Z", " 00:00")]
    pairs = [(days, word) for word in words] + [(word, days) for word in words]

    assert told(tmp_path, pairs, "chi_squared", CATEGORICAL) == [("ok", 0.0, 1.0)] * 6


@pytest.mark.parametrize("detector", ["mmd", "domain_classifier"])
@pytest.mark.parametrize("again", [False, True], ids=["first look", "kept sample"])
def test_joint_detectors_see_what_moves_beyond_2_to_the_53(tmp_path, detector, again):
    """Near 2^60 floats are 256 apart: a move by 40 of 60 was none, q 1."""
    draws = np.random.default_rng(7).integers(0, 60, (2, 2, 400))
    answers = []
    for far in (0, 2**60):
        folder = tmp_path / str(far)
        folder.mkdir()
        fleet = argosy.open(str(folder / "fleet"), create=True)
        fleet.register({"model": ["m"], "version": ["1"]})
        bound = []
        for role, rows, moved in zip(("reference", "current"), draws, (0, 40), strict=True):
            url = str(folder / f"{role}.parquet")
            pl.DataFrame({"x": rows[0] + moved + far, "y": rows[1] + far}).write_parquet(url)
            bound.append({"role": role, "url": url})
        fleet.bind(bound)
        for _ in range(1 + again):
            found = fleet.check_drift(detectors=[detector]).results()
        answers.append(found.select("status", "statistic", "effect", "p_value").rows())

    assert answers[0] == answers[1]
    assert "drift" == answers[0][0][0]
