"""A stranger's metric that ends its process over every n-th model, as `DEADLY` says, or over none.

`crashing.py` puts it beside a `dist-info`, where commands and their workers find it.
"""

import ctypes
import os
from collections.abc import Iterator, Sequence

import polars as pl
import pyarrow as pa

from argosy import hookimpl
from argosy.kernels import aggregation
from argosy.types import Metric

argosy_api = ">=1.0,<2"
EVERY = int(os.environ.get("DEADLY", "0"))
_known = aggregation(pl.col("truth").count() / pl.len(), pl.lit(None, pl.String))


def measure(groups: pa.Table, names: Sequence[str]) -> pa.Table:
    models = map(int, groups["model"].to_pylist())
    if EVERY and any(model % EVERY == 0 for model in models):
        ctypes.string_at(8)
    return _known(groups, names)


@hookimpl
def argosy_metrics() -> Iterator[Metric]:
    tasks = frozenset({"binary"})
    yield Metric("crashing", tasks, measure, True, bounds=(0.0, 1.0), default=False)
