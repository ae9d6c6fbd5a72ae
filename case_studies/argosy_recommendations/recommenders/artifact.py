"""A recommender as a file: an Arrow IPC stream of one row per item, and nothing that runs.

The columns are `item` (text, most buyers first), `buyers` (int64), `retired` (bool), and what
having bought the item says of others: `others` (list of int32, null of EASE, which has a weight of
every item) and `weights` (list of float32). The schema's metadata says the kind of model, how many
customers it learnt from and how long its lists are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.errors import ArtifactError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Singles = NDArray[np.float32]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

FORMAT = "recommender"
_MARK = b"argosy recommender 1"
_SCHEMA = pa.schema(
    [
        ("item", pa.large_string()),
        ("buyers", pa.int64()),
        ("retired", pa.bool_()),
        ("others", pa.large_list(pa.int32())),
        ("weights", pa.large_list(pa.float32())),
    ]
)
_KINDS = ("popularity", "item_knn", "ease")


class Recommender(NamedTuple):
    """One client's model."""

    kind: str
    items: pa.LargeStringArray
    buyers: Ints
    retired: Bools
    customers: int
    length: int
    weights: Singles
    """Of every item, end to end."""
    others: Ints
    """The codes that they are of; empty of EASE."""
    starts: Ints
    """Where those of every item begin, and where the last end."""


def written(model: Recommender) -> bytes:
    """Write a model; the same one gives the same bytes.

    Example:
        >>> nothing = np.zeros(0, np.float32), np.zeros(0, np.int64), np.zeros(3, np.int64)
        >>> items = pa.array(["tea", "cup"], pa.large_string())
        >>> plain = Recommender("popularity", items, np.array([3, 1]), np.array([False, True]),
        ...                     4, 20, *nothing)
        >>> read(written(plain)).items.to_pylist()
        ['tea', 'cup']
    """
    told = {
        b"format": _MARK,
        b"kind": model.kind.encode(),
        b"customers": str(model.customers).encode(),
        b"length": str(model.length).encode(),
    }
    n = len(model.items)
    starts = pa.array(model.starts)
    others = pa.nulls(n, pa.large_list(pa.int32()))
    if model.kind != "ease":
        others = pa.LargeListArray.from_arrays(starts, pa.array(model.others, pa.int32()))
    columns = [
        model.items,
        pa.array(model.buyers),
        pa.array(model.retired),
        others,
        pa.LargeListArray.from_arrays(starts, pa.array(model.weights)),
    ]
    sink = pa.BufferOutputStream()
    batch = pa.RecordBatch.from_arrays(columns, schema=_SCHEMA.with_metadata(told))
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read(content: bytes) -> Recommender:
    """Read a model whose digest has been verified.

    Raises:
        ArtifactError: if it is no such file, or what it holds does not fit together.
    """
    try:
        with pa.ipc.open_stream(content) as stream:
            table = stream.read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError, EOFError) as error:
        raise ArtifactError(f"it is no recommender: {str(error).splitlines()[0]}") from error
    told = table.schema.metadata or {}
    if told.get(b"format") != _MARK or not table.schema.equals(_SCHEMA):
        raise ArtifactError("it is no recommender: its columns or its mark are another's")
    kind = told.get(b"kind", b"").decode(errors="replace")
    sizes = [told.get(name, b"") for name in (b"customers", b"length")]
    if kind not in _KINDS or not all(each.isdigit() for each in sizes):
        raise ArtifactError("it is no recommender: its metadata cannot be meant")
    table = table.combine_chunks()
    item, buyers, retired, others, weights = (_whole(column) for column in table.columns)
    n, dense = len(item), kind == "ease"
    starts = weights.offsets.to_numpy() - (weights.offsets[0].as_py() if n else 0)
    values = weights.flatten().to_numpy()
    codes = np.zeros(0, np.int64) if dense else others.flatten().to_numpy().astype(np.int64)
    required = (item, buyers, retired, weights, *(() if dense else (others,)))
    lengths = np.diff(starts) if n else np.zeros(0, np.int64)
    sound = (
        not any(column.null_count for column in required)
        and np.isfinite(values).all()
        and pl.Series(item).is_unique().all()
        and ((lengths == n).all() if dense else _fits(others, lengths, codes, n))
    )
    if not sound:
        raise ArtifactError("it is no recommender: its items and weights do not fit together")
    customers, length = (int(each) for each in sizes)
    flags = retired.to_numpy(zero_copy_only=False).astype(np.bool_)
    starts = starts if n else np.zeros(1, np.int64)
    return Recommender(
        kind, item, buyers.to_numpy(), flags, customers, length, values, codes, starts
    )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.array([], column.type)


def _fits(others: pa.LargeListArray, lengths: Ints, codes: Ints, n: int) -> bool:
    alike = np.array_equal(np.diff(others.offsets.to_numpy()), lengths) if n else True
    return bool(alike and ((codes >= 0) & (codes < n)).all())
