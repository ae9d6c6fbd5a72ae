"""Keep what is known of each version's reference, so that a check never reads its rows again.

A profile is one row per column: the sorted values, or counts on fixed edges where these are many
(`argosy_drift.histograms`), or counts per category, with what is known of the rows' dependence
(`argosy_drift.taus`); and what cannot be compared, with the reason.
Profiles of a chunk are one Arrow file; the table `profiles` says in which file a version's are.
Where detectors see columns jointly, a sample of the rows is kept likewise; `content` tells the two
apart.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import passing
from argosy.errors import StoreError
from argosy.store import blobs
from argosy.tables import PROFILES_FOLDER
from argosy_drift import row_samples
from argosy_drift.column_batches import gathered
from argosy_drift.column_values import COUNTS, NUMERIC
from argosy_drift.dependence.row_records import RECORDS
from argosy_drift.dependence.turns import TURNS
from argosy_drift.features import FEATURES
from argosy_drift.sides import TROUBLE, Side, joined
from argosy_drift.taus import DEPENDENCE
from argosy_rows.periods import LABELS
from argosy_rows.windows import WindowSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.store.location import Location

_COLUMN: dict[str, Any] = {
    "model": pl.String,
    "segment": pl.String,
    "column": pl.String,
    "kind": pl.String,
    "measure": pl.String,
    "base": pl.Float64,
    "reason": pl.String,
    "n": pl.Int64,
    "nulls": pl.Int64,
    "values": pl.List(pl.Float64),
    "weights": pl.List(pl.Int64),
    "categories": pl.List(pl.String),
    "counts": pl.List(pl.Int64),
    **dict.fromkeys(RECORDS, pl.List(pl.Float64)),
    **TURNS,
}
_WINDOWS = [pl.lit(None, kind).alias(name) for name, kind in LABELS.items()]

NOTED = ("model", "version", "source", "segment_key", "content", "profile", "sha256")
"""What a chunk says of the profiles that it made."""
NONE = pl.DataFrame(schema=dict.fromkeys(NOTED, pl.String))
_EXACT = 2.0**53
COLUMNS, ROWS = "columns", "rows"
"""What is profiled."""


def noted(
    units: pl.DataFrame, segments: Sequence[str | None], seen: pl.LazyFrame, contents: Sequence[str]
) -> pl.DataFrame:
    """Add `source`, what a unit's reference is, and, for each content, the files that profile it.

    Args:
        units: `model`, `version` and the binding `reference`.
        segments: the expressions by which it is cut; null for not at all.
        seen: the table `profiles`, finished runs only.
        contents: what is profiled, such as `columns`; the names of the lists.

    Returns:
        The units; each list has one file per segment, null where there is none.
    """
    bindings = units["reference"].unique()
    sources = {
        str(place): hashlib.sha256(text.encode()).hexdigest()[:16]
        for place, text in enumerate(bindings.struct.json_encode())
    }
    named = pl.DataFrame({"reference": bindings, "source": list(sources.values())})
    units = units.join(named, on="reference", how="left", maintain_order="left")
    of = ["model", "version", "source"]
    newest = (
        seen.select(*[name for name in NOTED if name != "sha256"], "at")
        .collect()
        .sort("at")
        .unique([*of, "segment_key", "content"], keep="last")
        .drop("at")
    )
    for content in contents:
        for place, segment in enumerate(segments):
            cut = pl.col("segment_key").eq_missing(pl.lit(segment, pl.String))
            files = newest.filter(cut, content=content).select(
                *of, pl.col("profile").alias(f"profile {place}")
            )
            units = units.join(files, on=of, how="left", maintain_order="left")
        names = [f"profile {place}" for place in range(len(segments))]
        units = units.with_columns(pl.concat_list(names).alias(content)).drop(names)
    return units


def known(
    models: pl.DataFrame,
    segment: str | None,
    place: int,
    location: Location,
    turns: bool = False,
) -> tuple[Side, pl.DataFrame, pl.DataFrame]:
    """Return the reference side of some models: their profiles, made now where there are none.

    Args:
        models: `model`, `version`, `reference`, `source` and `columns`, the files.
        segment: the expression by which it is cut.
        place: its place in the list of files.
        location: the fleet's.
        turns: whether the order of values is needed, where there is one.

    Returns:
        The side, the columns that are compared (`argosy_drift.features`), and which profiles are
        new: the rows of the table `profiles`.
    """
    kept, lost = kept_of(models, COLUMNS, place, location, turns)
    sides = [_as_side(rows) for rows in kept]
    wanted = [rows.select(list(FEATURES)).unique() for rows in kept]
    fresh = NONE
    if lost.height:
        built, columns, fresh = _made(lost, segment, location, turns)
        sides.append(built)
        wanted.append(columns)
    return joined(sides), pl.concat(wanted), fresh


def known_rows(
    models: pl.DataFrame, wanted: pl.DataFrame, segment: str | None, place: int, location: Location
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows of the reference of some models: those kept, or drawn now where there are none.

    Args:
        models: `model`, `version`, `reference`, `source` and `rows`, the files.
        wanted: the columns that are compared (`argosy_drift.features`).
        segment: the expression by which it is cut.
        place: its place in the list of files.
        location: the fleet's.

    Returns:
        The columns of `row_samples.ROWS`, and which profiles are new: the rows of the table
        `profiles`.
    """
    kept, lost = kept_of(models, ROWS, place, location)
    if lost.is_empty():
        return pl.concat([pl.DataFrame(schema=row_samples.ROWS), *kept]), NONE
    before, cuts = lost.rename({"reference": "binding"}), [WindowSpec(segment=segment)]
    (drawn,) = gathered(before, location, cuts, [wanted], "reference", rows=True).rows
    whole = lost.join(drawn, on="model", how="semi").select("model", "version", "source")
    fresh = keep(drawn, whole, ROWS, segment, location)
    return pl.concat([pl.DataFrame(schema=row_samples.ROWS), *kept, drawn]), fresh


def kept_of(
    models: pl.DataFrame, content: str, place: int, location: Location, turns: bool = False
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Read the profiles of some models; return them, and the models that have none to be read.

    Args:
        models: with the lists of files.
        content: which of the lists.
        place: the place in it.
        location: the fleet's.
        turns: whether one without the order of values, where there is one, is none.
    """
    kept, lost = [], [models.clear()]
    files = models.with_columns(profile=pl.col(content).list.get(place))
    for (name,), part in files.partition_by("profile", as_dict=True).items():
        try:
            if name is None:
                raise StoreError("there is none")
            rows = _read(str(name), content, part, location, turns)
        except StoreError:
            lost.append(part.drop("profile"))
            continue
        everyone = part.height == rows["model"].n_unique()
        kept.append(rows if everyone else rows.join(part.select("model"), on="model", how="semi"))
    return kept, pl.concat(lost)


def _read(
    name: str, content: str, models: pl.DataFrame, location: Location, turns: bool
) -> pl.DataFrame:
    rows = pl.DataFrame(blobs.read(location, PROFILES_FOLDER, name))
    lacking = [record for record in RECORDS if record not in rows.columns]
    order = models["reference"].struct
    ordered = any(
        order.field(name).null_count() < models.height for name in ("timestamp", "cluster")
    )
    if content == ROWS:
        return _sample(rows, ordered)
    if "base" not in rows.columns:
        if rows.select((pl.col("values").list.last().abs() > _EXACT).any()).item():
            raise StoreError("it was written before large numbers were told from their neighbours")
        rows = rows.with_columns(pl.lit(None, _COLUMN["base"]).alias("base"))
    missing = [pl.lit(None, kind).alias(n) for n, kind in TURNS.items() if n not in rows.columns]
    rows = rows.with_columns(missing)
    if turns and ordered and _unturned(rows, lacking):
        raise StoreError("it was written without the order of its values")
    if not lacking:
        return rows
    if ordered:
        raise StoreError("it was written before rows' dependence was looked at")
    return rows.with_columns(pl.lit(None, _COLUMN[record]).alias(record) for record in lacking)


def _unturned(rows: pl.DataFrame, lacking: Sequence[str]) -> bool:
    """Whether a column has a record of its rows' order, and not the order itself."""
    if lacking:
        return True
    known = pl.col("record").is_not_null() & pl.col("turns").is_null()
    return bool(rows.select(known.any()).item())


def _sample(rows: pl.DataFrame, ordered: bool) -> pl.DataFrame:
    """Return a sample of rows that may have been kept by an earlier version."""
    if "share" not in rows.columns:
        if ordered:
            raise StoreError("it was written before rows were put in order")
        rows = rows.with_columns(share=pl.lit(None, row_samples.ROWS["share"]))
    if "bases" not in rows.columns:
        far = pl.col("rows").list.eval(pl.element().abs().max() > _EXACT).list.first()
        if rows.select(far.any()).item():
            raise StoreError("it was written before large numbers were told from their neighbours")
        none = pl.col("columns").list.eval(pl.lit(None, pl.Float64).repeat_by(pl.len()).explode())
        rows = rows.with_columns(bases=none)
    return rows.select(list(row_samples.ROWS))


def keep(
    rows: pl.DataFrame, of: pl.DataFrame, content: str, segment: str | None, location: Location
) -> pl.DataFrame:
    """Write profiles, and return what the table `profiles` says of them.

    Args:
        rows: the profiles of all models of `of`, and of others, which are not kept.
        of: `model`, `version` and `source`.
        content: what is profiled.
        segment: the expression by which it is cut.
        location: the fleet's.
    """
    mine = rows.join(of, on="model", how="semi", maintain_order="left")
    file = blobs.keep(location, PROFILES_FOLDER, mine.to_arrow()) if of.height else blobs.NO_FILE
    named = {"segment_key": segment, "content": content, "profile": file.name}
    named["sha256"] = file.sha256
    fresh = of.with_columns(pl.lit(what, pl.String).alias(column) for column, what in named.items())
    return fresh.select(NOTED)


def _made(
    models: pl.DataFrame, segment: str | None, location: Location, turns: bool
) -> tuple[Side, pl.DataFrame, pl.DataFrame]:
    before, cuts = models.rename({"reference": "binding"}), [WindowSpec(segment=segment)]
    with passing():
        reference_side = gathered(before, location, cuts, None, "reference", turns=turns)
    found, wanted = reference_side.sides[0], reference_side.columns[0]
    whole = models.join(
        found.trouble.filter(pl.col("column").is_null()), on="model", how="anti"
    ).select("model", "version", "source")
    fresh = keep(_as_rows(found, wanted), whole, COLUMNS, segment, location)
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
        wanted.drop("measure", "base"), on=pair
    )
    parts = [found.numeric.with_columns(kind=pl.lit("numeric")), counted, unfit]
    empty = pl.DataFrame(schema=_COLUMN).drop("measure", "base")
    rows = pl.concat([empty, *parts], how="diagonal", rechunk=False)
    measures = wanted.select(*pair, "measure", "base")
    rows = rows.join(measures, on=pair, how="left", maintain_order="left")
    of = ["model", "segment", "column"]
    records = found.dependence.select(*of, *RECORDS, *TURNS)
    return (
        rows.drop(*RECORDS, *TURNS)
        .join(records, on=of, how="left", nulls_equal=True, maintain_order="left")
        .select(list(_COLUMN))
    )


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
        dependence=rows.filter(pl.col("record").is_not_null())
        .with_columns(_WINDOWS)
        .select(list(DEPENDENCE)),
    )
