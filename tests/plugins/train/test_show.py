"""What `argosy train` prints: the versions that were made, and what trainers measured."""

import polars as pl

from argosy_train.show import by_template, means

ROWS = pl.DataFrame(
    {
        "model": ["a", "b", "c", "d"],
        "version": ["1", "1", "1", None],
        "template": ["t", "t", "u", "u"],
        "trainer": ["s"] * 4,
        "status": ["ok", "ok", "ok", "failed"],
        "n": [10, 30, 5, None],
        "seconds": [1.0, 2.0, 0.5, None],
    }
)


def test_s2_17_versions_are_counted_by_template():
    assert by_template(ROWS).rows() == [("t", "s", 2, 0, 20.0, 3.0), ("u", "s", 1, 1, 5.0, 0.5)]


def test_what_trainers_measured_is_averaged_over_new_versions(tmp_path):
    import argosy

    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register(
        {
            "model": ["a", "b", "c"],
            "version": ["1", "1", "0"],
            "metrics": [{"auc": 0.5}, {"auc": 0.7}, {"auc": 0.1}],
        }
    )

    told = means(ROWS, fleet.versions().collect())
    assert told.rows() == [("t", "auc", 2, 0.6)]
