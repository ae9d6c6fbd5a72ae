"""Logs that are bound and evaluated."""

import polars as pl
import pytest


@pytest.fixture
def logged(empty, tmp_path):
    """Evaluate one log, whose rows may be of several models, bound as said."""

    def evaluate(rows, models=("m",), metrics=None, task=None, labels=None, **binding):
        frame = pl.DataFrame(rows)
        path = tmp_path / "log.parquet"
        frame.write_parquet(path)
        if empty.models().collect().is_empty():
            empty.register(
                {
                    "model": list(models),
                    "version": ["1"] * len(models),
                    "task": [task] * len(models),
                }
            )
        options = {name: binding.pop(name) for name in ("at", "window") if name in binding}
        bound = [{"role": "holdout", "url": str(path), **binding}]
        if labels is not None:
            table, how = labels
            pl.DataFrame(table).write_parquet(tmp_path / "labels.parquet")
            bound.append({"role": "truth", "url": str(tmp_path / "labels.parquet"), **how})
        empty.bind(pl.DataFrame(bound, infer_schema_length=None))
        return empty.evaluate(metrics=metrics, **options)

    return evaluate
