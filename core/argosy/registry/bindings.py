"""Bind data to models by role, and find the binding that a model uses.

A binding of a model wins over one of its template, and that over one of the whole fleet.
"""

from __future__ import annotations

import posixpath
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
from fsspec.core import url_to_fs

from argosy.errors import UnknownName
from argosy.plugins import installed
from argosy.registry.frames import as_frame, bad_names, refuse_bad_rows, shaped
from argosy.registry.times import PERIOD
from argosy.store.after_images import Change
from argosy.store.location import absolute
from argosy.store.state import Decision
from argosy.tables import BINDING

if TYPE_CHECKING:
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location
    from argosy.store.state import State
    from argosy.types import FleetState

KEPT_AS = {"key": "key_column", "version": "version_column"}
"""Fields whose names mean something else in the ledger, and what they are called there."""
FIELDS = {kept: name for name, kept in KEPT_AS.items()}
"""The same, the other way round."""
_INPUT = pa.schema([field.with_name(FIELDS.get(field.name, field.name)) for field in BINDING])
COLUMN_FIELDS = (
    *("key", "id", "timestamp", "cluster", "version", "prediction", "score", "truth"),
    *("weight", "latency"),
)
"""The fields of a binding that name a column of the data."""

_CHECKED_SCHEMAS = 64


def bind(
    ledger: Ledger, table: object, check: bool, reason: str | None, dry_run: bool = False
) -> pl.DataFrame:
    """Write every row of the table as a binding in one commit, or none of them.

    Returns:
        One row per input row: `role`, `model`, `template`, `url`, `outcome` (`bound`), `reason`.

    Raises:
        BadInput: for missing or mistyped columns.
        RowsRefused: for rows that cannot be bound; the outcomes are attached to it.
    """
    rows = shaped(as_frame(table, "bind"), _INPUT, ("role", "url"), "binding")
    rows = rows.with_columns(url=pl.col("url").map_elements(absolute, pl.String))
    rows = rows.with_columns(format=pl.coalesce("format", _format_of_suffix()))
    problems = _problems(rows)
    if check:
        problems = problems.with_columns(
            reason=pl.coalesce(
                "reason",
                _data_problems(rows.filter(problems["reason"].is_null()), rows, ledger.location),
            )
        )

    def decide(state: State) -> Decision:
        known = state["model"].select("model", known=True)
        unknown = (
            rows.join(known, on="model", how="left", maintain_order="left")
            .select(
                pl.when(pl.col("model").is_not_null() & pl.col("known").is_null()).then(
                    pl.format("no model is called '{}'; register it first", "model")
                )
            )
            .to_series()
        )
        found = problems.with_columns(reason=pl.coalesce("reason", unknown))
        refuse_bad_rows(found, "be bound")
        outcomes = found.with_columns(outcome=pl.lit("bound")).select(
            "role", "model", "template", "url", "outcome", "reason"
        )
        bound = rows.rename(KEPT_AS).with_columns(key=_key())
        return Decision(outcomes, [Change("binding", bound)])

    return ledger.apply("bind", decide, reason, dry_run)


def of_models(rows: pl.DataFrame) -> Change:
    """Return the change that binds data which is known to be there, a row per model and role.

    Args:
        rows: `role`, `model`, `url` and `format`, and any other field of a binding.
    """
    whole = pl.concat([pl.DataFrame(_INPUT.empty_table()), rows], how="diagonal_relaxed")
    return Change("binding", whole.rename(KEPT_AS).with_columns(key=_key()))


def bound(state: FleetState, models: pl.DataFrame, role: str) -> pl.DataFrame:
    """Join each model (columns `model`, `template`) with the fields of its binding for a role.

    Fields of the binding are in the struct column `binding`, null where the model has none.

    Raises:
        UnknownName: if nothing at all is bound to the role.
    """
    bindings = state["binding"]
    roles = bindings["role"].unique().to_list()
    if role not in roles:
        raise UnknownName.among(
            "role", role, roles, "Bind data to it with fleet.bind or `argosy bind FILE`"
        )
    chosen = bindings.filter(role=role).rename({"key": "entity"}).rename(FIELDS)
    no_copy = pl.lit(None, pl.String).alias("copy")  # a job may make one
    fields = pl.struct(*_INPUT.names, no_copy).alias("binding")
    by_model = chosen.filter(pl.col("model").is_not_null()).select("model", own=fields)
    by_template = chosen.filter(pl.col("template").is_not_null()).select("template", shared=fields)
    rest = chosen.filter(pl.col("model").is_null() & pl.col("template").is_null())
    common = rest.select(fields).to_series()
    return (
        models.join(by_model, on="model", how="left", maintain_order="left")
        .join(by_template, on="template", how="left", maintain_order="left")
        .with_columns(
            binding=pl.coalesce("own", "shared", pl.lit(common))
            if len(common)
            else pl.coalesce("own", "shared")
        )
        .drop("own", "shared")
    )


def served(state: FleetState, models: pl.DataFrame, role: str) -> pl.DataFrame:
    """Return the models (columns `model`, `template`) that have data in a role; perhaps none."""
    if role not in state["binding"]["role"]:
        return models.clear()
    return bound(state, models, role).filter(pl.col("binding").is_not_null()).drop("binding")


def _key() -> pl.Expr:
    owner = (
        pl.when(pl.col("model").is_not_null())
        .then(pl.format("model/{}", "model"))
        .when(pl.col("template").is_not_null())
        .then(pl.format("template/{}", "template"))
        .otherwise(pl.lit("all"))
    )
    return pl.concat_str("role", owner, separator="/")


def _format_of_suffix() -> pl.Expr:
    url = pl.col("url").str.to_lowercase()
    found = [
        pl.when(url.str.ends_with(suffix)).then(pl.lit(source.format))
        for source in installed().sources.values()
        for suffix in source.suffixes
    ]
    return pl.coalesce(found) if found else pl.lit(None, pl.String)


def _problems(rows: pl.DataFrame) -> pl.DataFrame:
    formats = sorted(installed().sources)
    return rows.select(
        "role",
        "model",
        "template",
        "url",
        reason=pl.coalesce(
            bad_names("role"),
            pl.when(pl.col("model").is_not_null() & pl.col("template").is_not_null()).then(
                pl.format(
                    "names the model '{}' and the template '{}'; name one", "model", "template"
                )
            ),
            pl.when(pl.struct("role", "model", "template").is_duplicated()).then(
                pl.format("the role '{}' stands twice for the same models", "role")
            ),
            pl.when(pl.col("format").is_null()).then(
                pl.format(
                    "cannot tell the format of {}; name one of {}",
                    "url",
                    pl.lit(", ".join(formats)),
                )
            ),
            pl.when(~pl.col("format").is_in(formats)).then(
                pl.format(
                    "no data format is called '{}'; known: {}", "format", pl.lit(", ".join(formats))
                )
            ),
            pl.when(pl.col("key_value").is_not_null() & pl.col("key").is_null()).then(
                pl.lit("has a key_value but no key; name the column that holds it")
            ),
            pl.when(pl.col("zone").is_in(_no_zones(rows["zone"]))).then(
                pl.format("the zone '{}' is none; say it as 'Europe/Paris' or 'UTC'", "zone")
            ),
            pl.when(pl.col("zone").is_not_null() & pl.col("timestamp").is_null()).then(
                pl.lit("has a zone but no timestamp; name the column that holds it")
            ),
            pl.when(~pl.col("label_delay").str.contains(f"^{PERIOD}$")).then(
                pl.format("the label_delay '{}' is no period such as 30d or 6h", "label_delay")
            ),
            pl.when(pl.col("label_delay").is_not_null() & pl.col("timestamp").is_null()).then(
                pl.lit("has a label_delay but no timestamp; name the column that holds it")
            ),
        ),
    )


def _no_zones(zones: pl.Series) -> list[str]:
    """Return those names that polars knows no time zone by."""
    unknown = []
    for zone in zones.drop_nulls().unique():
        try:
            pl.Series([datetime(2026, 1, 1)]).dt.replace_time_zone(zone)
        except pl.exceptions.PolarsError:
            unknown.append(zone)
    return unknown


def _data_problems(sound: pl.DataFrame, rows: pl.DataFrame, location: Location) -> pl.Series:
    """Say which rows name data that is not there, or columns that the data does not have."""
    urls = sound.select("url", "format").unique(maintain_order=True).rows()
    missing = {url: f"there is nothing at {url}" for url, _ in urls if not _exists(url, location)}
    schemas: dict[str, list[str]] = {}
    for url, form in urls[:_CHECKED_SCHEMAS]:
        if url in missing:
            continue
        try:
            schemas[url] = _columns(url, form, location)
        except Exception as error:
            missing[url] = f"cannot read {url} as {form}: {str(error).splitlines()[0]}"
    reasons = []
    for row in rows.iter_rows(named=True):
        reason = missing.get(row["url"])
        columns = schemas.get(row["url"])
        if reason is None and columns is not None:
            absent = [row[name] for name in COLUMN_FIELDS if row[name] and row[name] not in columns]
            if absent:
                reason = (
                    f"{row['url']} has no column {absent[0]!r}; it has {', '.join(columns[:20])}"
                )
        reasons.append(reason)
    return pl.Series("reason", reasons, dtype=pl.String)


def _columns(url: str, form: str, location: Location) -> list[str]:
    scan = installed().sources[form].scan(url, location.table_options(url))
    return scan.collect_schema().names()


def _exists(url: str, location: Location) -> bool:
    try:
        filesystem, path = url_to_fs(url, **location.file_options(url))
        if any(letter in path for letter in "*?["):
            return bool(filesystem.glob(path))
        return bool(filesystem.exists(posixpath.normpath(path)))
    except Exception:
        return False
