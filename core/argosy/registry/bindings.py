"""Bind data to models by role, and find the binding that a model uses.

A binding of a model wins over one of its template, and that over one of the whole fleet.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.errors import UnknownName
from argosy.plugins import installed
from argosy.registry.addresses import permitted, refused_since
from argosy.registry.bound_data import TABLE, BoundData, unreadable
from argosy.registry.frames import as_frame, bad_names, refuse_bad_rows, shaped
from argosy.registry.suffixes import by_suffix
from argosy.registry.times import format_fault, length
from argosy.registry.writing import WRITING
from argosy.registry.writing import fault as writing_fault
from argosy.store.after_images import Change
from argosy.store.roots import bounded
from argosy.store.state import Decision
from argosy.tables import BINDING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.registry.addresses import Addresses
    from argosy.registry.bound_data import Typed
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
"""The fields of a binding that name a column of the data, and nothing else; see `named_columns`."""


def bind(
    ledger: Ledger,
    table: object,
    check: bool,
    reason: str | None,
    dry_run: bool = False,
    typed: Typed | None = None,
) -> pl.DataFrame:
    """Write every row of the table as a binding in one commit, or none of them.

    Args:
        ledger: of the fleet.
        table: the bindings.
        check: refuse data that is not there, or not what they say.
        reason: kept with the change.
        dry_run: write nothing.
        typed: gives the columns of text their types that a `where` names.

    Returns:
        One row per input row: `role`, `model`, `template`, `url`, `outcome` (`bound`), `reason`.

    Raises:
        BadInput: for missing or mistyped columns.
        RowsRefused: for rows that cannot be bound; the outcomes are attached to it.
    """
    rows = shaped(as_frame(table, "bind"), _INPUT, ("role", "url"), "binding")
    location = bounded(ledger.location, ledger.state())
    addresses = permitted(rows["url"], location)
    rows = rows.with_columns(url=addresses.urls)
    rows = rows.with_columns(format=pl.coalesce("format", _format_of_suffix()))
    problems = _problems(rows, addresses)
    if check:
        problems = problems.with_columns(
            reason=pl.coalesce(
                "reason",
                _data_problems(rows, problems["reason"].is_null(), location, typed),
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
        since = refused_since(rows["url"], location, state)
        found = problems.with_columns(reason=pl.coalesce("reason", since, unknown))
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


def named_columns(binding: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns of the data that a binding names, by the field that names each.

    `available_at` names one where it is no period, such as `2h`.

    >>> named_columns({**dict.fromkeys(COLUMN_FIELDS), "truth": "mw", "available_at": "sent"})
    {'truth': 'mw', 'available_at': 'sent'}
    """
    told = {field: binding[field] for field in COLUMN_FIELDS if binding.get(field)}
    known = binding.get("available_at")
    return {**told, "available_at": known} if known and length(known) is None else told


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
        for suffix, source in by_suffix().items()
    ]
    return pl.coalesce(found) if found else pl.lit(None, pl.String)


def _problems(rows: pl.DataFrame, addresses: Addresses) -> pl.DataFrame:
    formats = sorted(installed().sources)
    return rows.select(
        "role",
        "model",
        "template",
        "url",
        reason=pl.coalesce(
            bad_names("role"),
            pl.when(pl.col("url").is_null()).then(pl.lit("the url is missing")),
            addresses.unfit,
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
            pl.col("format").replace_strict(
                installed().sources.contested, default=None, return_dtype=pl.String
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
            pl.col("timestamp_format").replace_strict(
                _bad_formats(rows["timestamp_format"]), default=None, return_dtype=pl.String
            ),
            pl.when(pl.col("timestamp_format").is_not_null() & pl.col("timestamp").is_null()).then(
                pl.lit("has a timestamp_format but no timestamp; name the column that holds it")
            ),
            pl.when(pl.col("label_delay").is_in(_no_periods(rows["label_delay"]))).then(
                pl.format("the label_delay '{}' is no period such as 30d or 6h", "label_delay")
            ),
            pl.when(pl.col("label_delay").is_not_null() & pl.col("timestamp").is_null()).then(
                pl.lit("has a label_delay but no timestamp; name the column that holds it")
            ),
            *[
                pl.when(pl.col(name).is_not_null() & pl.col("timestamp").is_null()).then(
                    pl.lit(f"has {name} but no timestamp; name the column that holds it")
                )
                for name in ("frequency", "available_at")
            ],
            pl.when(pl.col("frequency").is_in(_no_periods(rows["frequency"]))).then(
                pl.format("the frequency '{}' is no period such as 1h, 30m or 1d", "frequency")
            ),
            _unreadable(rows),
            _unwritten(rows),
            addresses.forbidden,
        ),
    )


def _unwritten(rows: pl.DataFrame) -> pl.Series:
    """Say which rows tell of a way of writing that there is not."""
    said = rows.with_row_index("place").select("place", "format", *WRITING)
    odd = said.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in WRITING))
    reasons = {row["place"]: writing_fault(row) for row in odd.iter_rows(named=True)}
    told = [reasons.get(place) for place in range(rows.height)]
    return pl.Series("reason", told, dtype=pl.String)


def _no_zones(zones: pl.Series) -> list[str]:
    """Return those names that polars knows no time zone by."""
    unknown = []
    for zone in zones.drop_nulls().unique():
        try:
            pl.Series([datetime(2026, 1, 1)]).dt.replace_time_zone(zone)
        except pl.exceptions.PolarsError:
            unknown.append(zone)
    return unknown


def _bad_formats(forms: pl.Series) -> dict[str, str]:
    """Return what is wrong with those formats that times cannot be read by."""
    faults = {form: format_fault(form) for form in forms.drop_nulls().unique()}
    return {form: fault for form, fault in faults.items() if fault is not None}


def _no_periods(periods: pl.Series) -> list[str]:
    """Return what is written as a period, and is none."""
    return [text for text in periods.drop_nulls().unique() if length(text) is None]


def _unreadable(rows: pl.DataFrame) -> pl.Series:
    """Say which rows have an expression that is no SQL."""
    reasons = {
        place: unreadable(where, segments)
        for place, where, segments in rows.with_row_index("place")
        .select("place", "where", "segments")
        .filter(pl.col("where").is_not_null() | pl.col("segments").is_not_null())
        .iter_rows()
    }
    told = [reasons.get(place) for place in range(rows.height)]
    return pl.Series("reason", told, dtype=pl.String)


def _data_problems(
    rows: pl.DataFrame, sound: pl.Series, location: Location, typed: Typed | None
) -> pl.Series:
    """Say which rows name data that is not there, or that is not what they say of it."""
    tables = rows.filter(sound).select(TABLE).unique(maintain_order=True).rows()
    data = BoundData(tables, location, typed)
    reasons = [
        data.fault(row, named_columns(row)) if whole else None
        for whole, row in zip(sound, rows.iter_rows(named=True), strict=True)
    ]
    return pl.Series("reason", reasons, dtype=pl.String)
