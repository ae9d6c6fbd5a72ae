"""Only some people let data and artifacts come from new places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, Field

from argosy.types import Policy
from argosy_policies.lifting import People, lift

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import ChangeEvent


class Options(BaseModel):
    """Who may widen the roots, and take the policy away."""

    widened_by: tuple[str, ...] = Field(
        (), description="Who may add roots; nobody if empty, so that they stay as they are."
    )
    lifted_by: People = ()


def check(event: ChangeEvent, options: Options) -> pa.Table:
    """Object to roots that somebody else adds, by whatever verb: a rollback may bring one back.

    Example:
        >>> import pyarrow as pa
        >>> from types import SimpleNamespace
        >>> none, new = pa.table({"url": pa.array([], pa.string())}), pa.table({"url": ["/etc"]})
        >>> event = SimpleNamespace(actor="eve", before={"root": none}, after={"root": new})
        >>> check(event, Options(widened_by=["ada"]))["reason"].to_pylist()
        ['the root /etc would be added by eve, and only ada may']
    """
    before, after = (pl.DataFrame(side["root"]) for side in (event.before, event.after))
    new = after.join(before, on="url", how="anti").sort("url")
    if event.actor in options.widened_by:
        new = new.clear()
    able = f"only {', '.join(options.widened_by)} may" if options.widened_by else "nobody may"
    told = pl.format(
        "the root {} would be added by {}, and {}", "url", pl.lit(event.actor), pl.lit(able)
    )
    return new.select(model=pl.lit(None, pl.String), reason=told).to_arrow()


POLICY = Policy(
    name="roots",
    summary="Only some people let data and artifacts come from new places.",
    verbs=frozenset(),
    check=check,
    options=Options,
    touches=frozenset({"root"}),
    lift=lift,
)
