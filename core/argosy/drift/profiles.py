"""Keep what is known of each version's reference, so that a check never reads its rows again.

A profile is one row per column: the sorted values, or counts on fixed edges where these are many
(`argosy.drift.condensing`), or counts per category; and what cannot be compared, with the reason.
Profiles of a chunk are one Arrow file; the table `profiles` says in which file a version's are.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.drift.features import FEATURES
from argosy.drift.gathering import COUNTS, NUMERIC
from argosy.drift.sides import TROUBLE, Side, joined
from argosy.drift.turns import gathered
from argosy.errors import StoreError
from argosy.jobs.windows import LABELS, Cut
from argosy.store import blobs
from argosy.store.facts import PROFILES_FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.store.location import Location

_ROWS: dict[str, Any] = {
    "model": pl.String,
    "segment": pl.String,
    "column": pl.String,
    "kind": pl.String,
    "measure": pl.String,
    "reason": pl.String,
    "n": pl.Int64,
    "nulls": pl.Int64,
    "values": pl.List(pl.Float64),
    "weights": pl.List(pl.Int64),
    "categories": pl.List(pl.String),
    "counts": pl.List(pl.Int64),
}
_WINDOWS = [pl.lit(None, kind).alias(name) for name, kind in LABELS.items()]

NONE = pl.DataFrame(
    schema=dict.fromkeys(("model", "version", "source", "segment_key", "profile"), pl.String)
)


def noted(units: pl.DataFrame, segments: Sequence[str | None], seen: pl.LazyFrame) -> pl.DataFrame:
    """Add `source`, what a unit's reference is, and `profiles`, the files that profile it.

    Args:
        units: `model`, `version` and the binding `reference`.
        segments: the expressions by which it is cut; null for not at all.
        seen: the table `profiles`, finished runs only.

    Returns:
        The units; `profiles` is a list with one file per segment, null where there is none.
    """
    bindings = units["reference"].unique()
    sources = {
        str(place): hashlib.sha256(text.encode()).hexdigest()[:16]
        for place, text in enumerate(bindings.struct.json_encode())
    }
    named = pl.DataFrame({"reference": bindings, "source": list(sources.values())})
    newest = (
        seen.select("model", "version", "source", "segment_key", "profile", "at")
        .collect()
        .sort("at")
        .unique(["model", "version", "source", "segment_key"], keep="last")
        .drop("at")
    )
    units = units.join(named, on="reference", how="left", maintain_order="left")
    of = ["model", "version", "source"]
    for place, segment in enumerate(segments):
        own = newest.filter(pl.col("segment_key").eq_missing(pl.lit(segment, pl.String)))
        files = own.select(*of, pl.col("profile").alias(f"profile {place}"))
        units = units.join(files, on=of, how="left", maintain_order="left")
    names = [f"profile {place}" for place in range(len(segments))]
    return units.with_columns(profiles=pl.concat_list(names)).drop(names)


def known(
    models: pl.DataFrame, segment: str | None, place: int, location: Location
) -> tuple[Side, pl.DataFrame, pl.DataFrame]:
    """Return the reference side of some models: their profiles, made now where there are none.

    Args:
        models: `model`, `version`, `reference`, `source` and `profiles`.
        segment: the expression by which it is cut.
        place: its place among the `profiles`.
        location: the fleet's.

    Returns:
        The side, the columns that are compared (`argosy.drift.features`), and which profiles are
        new: the rows of the table `profiles`.
    """
    kept, lost = [], []
    models = models.with_columns(profile=pl.col("profiles").list.get(place))
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
    wanted = [rows.select(list(FEATURES)).unique() for rows in kept]
    fresh = NONE
    if lost:
        built, columns, fresh = _made(pl.concat(lost), segment, location)
        sides.append(built)
        wanted.append(columns)
    return joined(sides), pl.concat(wanted), fresh


def _made(
    models: pl.DataFrame, segment: str | None, location: Location
) -> tuple[Side, pl.DataFrame, pl.DataFrame]:
    before, cuts = models.rename({"reference": "binding"}), [Cut(segment=segment)]
    (found,), (wanted,) = gathered(before, location, cuts, None, "reference")
    whole = models.join(
        found.trouble.filter(pl.col("column").is_null()), on="model", how="anti"
    ).select("model", "version", "source")
    rows = _as_rows(found, wanted).join(whole, on="model", how="semi", maintain_order="left")
    name = blobs.write(location, PROFILES_FOLDER, rows.to_arrow()) if whole.height else None
    named = {"segment_key": segment, "profile": name}
    fresh = whole.with_columns(pl.lit(what, pl.String).alias(of) for of, what in named.items())
    return found, wanted, fresh


def _as_rows(found: Side, wanted: pl.DataFrame) -> pl.DataFrame:
    pair = ["model", "column"]
    counted = found.counts.group_by("model", "segment", "column", maintain_order=True).agg(
        kind=pl.lit("categorical"),
        n=pl.col("count").sum(),
        nulls=pl.col("count").filter(pl.col("category").is_null()).sum(),
        categories=pl.col("category"),
        counts=pl.col("count"),
    )
    unfit = found.trouble.filter(pl.col("column").is_not_null()).join(
        wanted.drop("measure"), on=pair
    )
    parts = [found.numeric.with_columns(kind=pl.lit("numeric")), counted, unfit]
    empty = pl.DataFrame(schema=_ROWS).drop("measure")
    rows = pl.concat([empty, *parts], how="diagonal", rechunk=False)
    measures = wanted.select(*pair, "measure")
    return rows.join(measures, on=pair, how="left", maintain_order="left").select(list(_ROWS))


def _as_side(rows: pl.DataFrame) -> Side:
    fit = pl.col("reason").is_null()
    values = rows["values"].len() - rows["values"].null_count()
    return Side(
        # they stand first: a slice copies nothing
        numeric=rows.head(values).with_columns(_WINDOWS).select(list(NUMERIC)),
        counts=rows.filter(fit, kind="categorical")
        .rename({"categories": "category", "counts": "count"})
        .explode("category", "count")
        .with_columns(_WINDOWS)
        .select(list(COUNTS)),
        trouble=rows.filter(~fit).select(list(TROUBLE)),
    )
