"""What stands for the rows measured: the same digest for the same rows."""

import polars as pl


def digest(run):
    return run.results()["dataset_digest"].unique().item()


def test_a_digest_ignores_the_order_of_rows_and_what_was_predicted(logged):
    rows = pl.DataFrame(
        {"id": [1, 2, 3], "was": [1, 0, 1], "said": [1, 0, 0], "w": [1.0, 2.0, 1.0]}
    )
    how = {"id": "id", "truth": "was", "prediction": "said", "weight": "w"}
    first = digest(logged(rows, **how))

    assert digest(logged(rows.reverse(), **how)) == first
    assert digest(logged(rows.with_columns(said=1 - pl.col("said")), **how)) == first
    for name in ("id", "was"):
        other = rows.with_columns(pl.col(name).reverse().replace({1: 0, 0: 1, 3: 9}))
        assert digest(logged(other, **how)) != first, name
    assert digest(logged(rows.with_columns(w=1.0), **how)) != first


def test_a_digest_is_what_it_was_in_earlier_releases(logged):
    """Fixed values: another library version, machine or release must give the same."""
    rows = {"id": ["a", "ü", "long id " * 9], "was": ["no", "yes", "yes"], "said": ["no"] * 3}

    assert digest(logged(rows, id="id", truth="was", prediction="said")) == "a5b902b97dfb0ca5"
