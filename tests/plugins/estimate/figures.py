"""Figures of a run, and files that are written anew."""

import polars as pl


def rewrite(tmp_path, role, where=True, **columns):
    path = tmp_path / f"{role}.parquet"
    pl.read_parquet(path).with_columns(**columns).filter(where).write_parquet(path)


def value(run, model, metric):
    return run.results().filter(model=model, metric=metric)["value"].item()


def reasons(run):
    return dict(run.failures().select("model", "reason").rows())
