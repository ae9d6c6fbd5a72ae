"""Work on many models at once, in which the fault of one is not the others'."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from argosy.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

T = TypeVar("T")


def apart(
    models: pl.DataFrame, work: Callable[[pl.DataFrame], T]
) -> Iterator[tuple[pl.DataFrame, T | BadInput]]:
    """Do work on models together; if it is refused, on each half by itself.

    Args:
        models: a row per model.
        work: takes some of these rows, and raises `BadInput` if the data of one cannot be used.

    Yields:
        Some of the models and what the work answered, or one model and why it was refused.

    Example:
        >>> import polars as pl
        >>> def work(part):
        ...     if "b" in part["model"]:
        ...         raise BadInput("no b")
        ...     return part.height
        >>> models = pl.DataFrame({"model": ["a", "b", "c", "d"]})
        >>> for part, answer in apart(models, work): print(part["model"].to_list(), repr(answer))
        ['a'] 1
        ['b'] BadInput('no b')
        ['c', 'd'] 2
    """
    if models.is_empty():
        return
    try:
        answer = work(models)
    except BadInput as error:
        if models.height == 1:
            yield models, error
            return
        half = models.height // 2
        yield from apart(models.head(half), work)
        yield from apart(models.slice(half), work)
    else:
        yield models, answer


def only(rows: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of some models, in their order."""
    return rows.join(models, on="model", how="semi", maintain_order="left")
