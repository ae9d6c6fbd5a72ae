"""What to offer to many customers at once: the lookup service's rules over whole tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.kernels.values import spelling
from argosy_recommendations.serving.lookup_service import ANYBODY, CATALOGUE, LISTS, SERVING

if TYPE_CHECKING:
    from argosy import Fleet

_KEY = ["client", "customer"]


def offered(fleet: Fleet, customers: pl.DataFrame, length: int = 10) -> pl.DataFrame:
    """Return what `LookupService.recommend` would answer to each customer.

    Args:
        fleet: whose lists they are.
        customers: `client`, `customer`, and what else shall be kept; clients that the fleet does
            not have are offered nothing.
        length: the most items that are offered.

    Returns:
        The same rows in order, with `items` (empty where nothing is offered), `source` (`list`,
        `default` or `none`) and `version` (that ranked them).
    """
    wanted = customers.with_row_index("row")
    open_ = _open(fleet).join(wanted.select("client").unique(), on="client", how="semi")
    lists = _bound(fleet, LISTS, open_).select(
        "client", "version", items="prediction", customer=spelling(pl.col("customer"))
    )
    anybody = open_.select("client", customer=pl.lit(ANYBODY))
    asked = pl.concat([wanted.select(_KEY), anybody])
    lists = lists.join(asked, on=_KEY, how="semi")
    lists = _sold(lists, _bound(fleet, CATALOGUE, open_)).with_columns(
        pl.col("items").list.head(length)
    )
    lists = lists.filter(pl.col("items").list.len() > 0)
    own = wanted.select("row", *_KEY).join(lists, on=_KEY)
    own = own.unique("row", keep="last").with_columns(source=pl.lit("list"))
    others = wanted.select("row", *_KEY).join(own, on="row", how="anti")
    default = lists.filter(customer=ANYBODY).unique("client", keep="last").drop("customer")
    default = others.join(default, on="client").with_columns(source=pl.lit("default"))
    columns = ["row", "items", "source", "version"]
    found = pl.concat([own.select(columns), default.select(columns)])
    told = wanted.join(found, on="row", how="left", maintain_order="left").drop("row")
    return told.with_columns(
        pl.col("items").fill_null(pl.lit([], pl.List(pl.String))),
        pl.col("source").fill_null("none"),
    )


def _open(fleet: Fleet) -> pl.DataFrame:
    """Return the clients that are not switched off: `client`, `template`."""
    off = pl.col("tags").map.get(SERVING).fill_null("on") == "off"
    return fleet.models().filter(~off).select("template", client="model").collect()


def _bound(fleet: Fleet, role: str, clients: pl.DataFrame) -> pl.DataFrame:
    """Read the rows of a role that are each client's own, whichever file they lie in."""
    bindings = fleet.bindings().filter(role=role).collect()
    own = clients.join(bindings, left_on="client", right_on="model")
    rest = clients.join(own, on="client", how="anti")
    shared = rest.join(bindings.filter(pl.col("model").is_null()), on="template")
    columns = ["client", "url", "key"]
    placed = pl.concat([own.select(columns), shared.select(columns)])
    parts = [
        pl.scan_parquet(url, storage_options=fleet.location.table_options(url) or None)
        .rename({key: "client"}, strict=False)
        .join(mine.select("client").lazy(), on="client", how="semi")
        for (url, key), mine in placed.group_by("url", "key", maintain_order=True)
    ]
    if not parts:
        return _EMPTY[role]
    return pl.concat(pl.collect_all(parts), how="diagonal_relaxed")


def _sold(lists: pl.DataFrame, catalogue: pl.DataFrame) -> pl.DataFrame:
    """Leave out of every list what its client sells no longer, and keep the order."""
    gone = catalogue.select("client", item="retired").explode("item").drop_nulls("item")
    rows = lists.with_row_index("row")
    long = rows.select("row", "client", item="items").explode("item").drop_nulls("item")
    kept = long.join(gone, on=["client", "item"], how="anti", maintain_order="left")
    whole = kept.group_by("row", maintain_order=True).agg(items="item")
    told = rows.drop("items").join(whole, on="row", how="left", maintain_order="left").drop("row")
    return told.with_columns(pl.col("items").fill_null(pl.lit([], pl.List(pl.String))))


_TEXTS = pl.List(pl.String)
_EMPTY = {
    LISTS: pl.DataFrame(
        schema={
            "client": pl.String,
            "customer": pl.String,
            "version": pl.String,
            "prediction": _TEXTS,
        }
    ),
    CATALOGUE: pl.DataFrame(schema={"client": pl.String, "retired": _TEXTS}),
}
