"""Keep what is known of each version's reference, so that a check never reads its rows again.

A profile is one row per column: the sorted values, or counts on fixed edges where these are many
(`argosy.drift.ragged`), or counts per category; and what cannot be compared, with the reason.
Profiles of a chunk are one Arrow file; the table `profiles` says in which file a version's are.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.drift.features import features
from argosy.drift.sides import TROUBLE, Side, side
from argosy.errors import StoreError
from argosy.jobs.datasets import read
from argosy.store import blobs
from argosy.store.facts import PROFILES_FOLDER

if TYPE_CHECKING:
    from argosy.store.location import Location

_ROWS: dict[str, Any] = {
    "model": pl.String,
    "column": pl.String,
    "kind": pl.String,
    "reason": pl.String,
    "n": pl.Int64,
    "nulls": pl.Int64,
    "values": pl.List(pl.Float64),
    "weights": pl.List(pl.Int64),
    "categories": pl.List(pl.String),
    "counts": pl.List(pl.Int64),
}


def noted(units: pl.DataFrame, seen: pl.LazyFrame) -> pl.DataFrame:
    """Add `source`, what a unit's reference is, and `profile`, the file that profiles it.

    Args:
        units: `model`, `version` and the binding `reference`.
        seen: the table `profiles`, finished runs only.
    """
    bindings = units["reference"].unique()
    sources = {
        str(place): hashlib.sha256(text.encode()).hexdigest()[:16]
        for place, text in enumerate(bindings.struct.json_encode())
    }
    named = pl.DataFrame({"reference": bindings, "source": list(sources.values())})
    newest = (
        seen.select("model", "version", "source", "profile", "at")
        .collect()
        .sort("at")
        .unique(["model", "version", "source"], keep="last")
        .drop("at")
    )
    return units.join(named, on="reference", how="left", maintain_order="left").join(
        newest, on=["model", "version", "source"], how="left", maintain_order="left"
    )


def known(models: pl.DataFrame, location: Location) -> tuple[Side, pl.DataFrame, pl.DataFrame]:
    """Return the reference side of some models: their profiles, made now where there are none.

    Args:
        models: `model`, `version`, `reference`, `source` and `profile`.
        location: the fleet's.

    Returns:
        The side, the columns that are compared (`argosy.drift.features`), and which profiles are
        new: the rows of the table `profiles`.
    """
    kept, lost = [], []
    for (name,), part in models.partition_by("profile", as_dict=True).items():
        try:
            if name is None:
                raise StoreError("there is none")
            rows = pl.DataFrame(blobs.read(location, PROFILES_FOLDER, str(name)))
        except StoreError:
            lost.append(part)
            continue
        everyone = part.height == rows["model"].n_unique()
        kept.append(rows if everyone else rows.join(part.select("model"), on="model", how="semi"))
    sides = [_as_side(rows) for rows in kept]
    wanted = [rows.select("model", "column", "kind") for rows in kept]
    fresh = models.clear()
    if lost:
        built, columns, fresh = _made(pl.concat(lost), location)
        sides.append(built)
        wanted.append(columns)
    return _joined(sides), pl.concat(wanted), fresh


def _made(models: pl.DataFrame, location: Location) -> tuple[Side, pl.DataFrame, pl.DataFrame]:
    datasets = list(read(models.rename({"reference": "binding"}), location))
    wanted = features(datasets)
    found = side(datasets, wanted, "reference")
    whole = models.join(
        found.trouble.filter(pl.col("column").is_null()), on="model", how="anti"
    ).select("model", "version", "source")
    rows = _as_rows(found, wanted).join(whole, on="model", how="semi", maintain_order="left")
    name = blobs.write(location, PROFILES_FOLDER, rows.to_arrow()) if whole.height else None
    return found, wanted, whole.with_columns(profile=pl.lit(name, pl.String))


def _as_rows(found: Side, wanted: pl.DataFrame) -> pl.DataFrame:
    pair = ["model", "column"]
    counted = found.counts.group_by(pair, maintain_order=True).agg(
        kind=pl.lit("categorical"),
        n=pl.col("count").sum(),
        nulls=pl.col("count").filter(pl.col("category").is_null()).sum(),
        categories=pl.col("category"),
        counts=pl.col("count"),
    )
    unfit = found.trouble.filter(pl.col("column").is_not_null()).join(wanted, on=pair)
    parts = [found.numeric.with_columns(kind=pl.lit("numeric")), counted, unfit]
    empty = pl.DataFrame(schema=_ROWS)
    return pl.concat([empty, *parts], how="diagonal", rechunk=False).select(list(_ROWS))


def _as_side(rows: pl.DataFrame) -> Side:
    fit = pl.col("reason").is_null()
    return Side(
        numeric=rows.filter(fit, kind="numeric").select(
            "model", "column", "n", "nulls", "values", "weights"
        ),
        counts=rows.filter(fit, kind="categorical")
        .select("model", "column", category="categories", count="counts")
        .explode("category", "count"),
        trouble=rows.filter(~fit).select(list(TROUBLE)),
    )


def _joined(sides: list[Side]) -> Side:
    if len(sides) == 1:
        return sides[0]
    order = ["column", "model"]
    return Side(
        numeric=pl.concat([one.numeric for one in sides]).sort(order),
        counts=pl.concat([one.counts for one in sides]).sort([*order, "category"]),
        trouble=pl.concat([one.trouble for one in sides]),
    )
