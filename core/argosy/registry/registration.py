"""Register model versions: what a row must be before it may enter the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl
import pyarrow as pa

from argosy.artifacts import digests
from argosy.errors import UnknownName
from argosy.plugins import installed
from argosy.registry.addresses import permitted, refused_since
from argosy.registry.frames import as_frame, bad_names, refuse_bad_rows, shaped
from argosy.registry.names import unclear_names
from argosy.store.after_images import Change
from argosy.store.roots import bounded
from argosy.store.state import Decision
from argosy.tables import MODEL, VERSION

if TYPE_CHECKING:
    from argosy.registry.addresses import Addresses
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location
    from argosy.store.state import State

EXTERNAL = "external"
"""The format of models that are scored elsewhere and only log their predictions."""

_WAY_OUT = (
    "Give new versions new names, or skip those that exist (existing='skip', --skip-existing)."
)
_CODE = {"pickle", "joblib", "cloudpickle", "dill"}
_DIGEST = r"^sha256:[0-9a-f]{64}$"
_NOT_GIVEN = {"model", "retired", "keep_until"}
_INPUT = pa.schema([*VERSION, *[field for field in MODEL if field.name not in _NOT_GIVEN]])


def register(
    ledger: Ledger,
    table: object,
    existing: Literal["refuse", "skip"],
    reason: str | None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Write every row of the table as a new version in one commit, or none of them.

    Returns:
        One row per input row: `model`, `version`, `outcome` (`registered` or `skipped`), `reason`.

    Raises:
        BadInput: for missing or mistyped columns.
        RowsRefused: for rows that cannot enter; the outcomes are attached to it.
    """
    if existing not in {"refuse", "skip"}:
        raise UnknownName.among("way to treat existing versions", existing, ["refuse", "skip"])
    rows = shaped(as_frame(table, "register"), _INPUT, ("model", "version"), "registration")
    location = bounded(ledger.location, ledger.state())
    rows, addresses = _with_artifacts(rows, location)
    problems = _problems(rows, addresses)
    keys = rows.select(_key()).to_series()

    def decide(state: State) -> Decision:
        held = state.lookup("version", keys).select("model", "version", gone="deleted")
        gone = rows.join(held, on=["model", "version"], how="left", maintain_order="left")["gone"]
        refused = gone if existing == "skip" else gone.is_not_null()
        found = problems.with_columns(
            reason=pl.coalesce(
                "reason",
                refused_since(rows["artifact"], location, state),
                pl.when(refused).then(_taken(gone)),
            )
        )
        refuse_bad_rows(found, "be registered", _WAY_OUT if gone.is_not_null().any() else "")
        skipped = gone.is_not_null()
        outcomes = found.with_columns(
            outcome=pl.when(skipped).then(pl.lit("skipped")).otherwise(pl.lit("registered"))
        ).select("model", "version", "outcome", "reason")
        fresh = rows.filter(~skipped)
        return Decision(
            outcomes, [Change("version", _versions(fresh)), Change("model", _models(fresh, state))]
        )

    return ledger.apply("register", decide, reason, dry_run)


def _taken(gone: pl.Series) -> pl.Expr:
    return (
        pl.when(gone)
        .then(
            pl.format(
                "{} {} was deleted, and the name of a version is never used again",
                "model",
                "version",
            )
        )
        .otherwise(
            pl.format("{} {} is registered already and a version never changes", "model", "version")
        )
    )


def _with_artifacts(rows: pl.DataFrame, location: Location) -> tuple[pl.DataFrame, Addresses]:
    """Return the rows with absolute URLs, formats and digests, and which URLs are refused."""
    addresses = permitted(rows["artifact"], location)
    artifact = addresses.urls
    rows = rows.with_columns(
        pl.col("format").fill_null(EXTERNAL) if artifact.null_count() == rows.height else "format",
        artifact,
    )
    sound = addresses.unfit.is_null() & addresses.forbidden.is_null()
    there = pl.col("artifact").is_not_null() & sound
    lacking = rows.filter(there & pl.col("digest").is_null())
    if lacking.is_empty():
        return rows, addresses
    known = digests(lacking["artifact"].unique().to_list(), location)
    digest = pl.col("artifact").replace_strict(known, default=None, return_dtype=pl.String)
    return rows.with_columns(digest=pl.coalesce("digest", digest)), addresses


def _problems(rows: pl.DataFrame, addresses: Addresses) -> pl.DataFrame:
    """Return model, version and why each row cannot be registered, null where it can."""
    formats = sorted({*installed().loaders, EXTERNAL})
    tasks = list(installed().tasks)
    wants_artifact = pl.col("format") != EXTERNAL
    no_digest = wants_artifact & pl.col("digest").is_null() & addresses.forbidden.is_null()
    return rows.select(
        "model",
        "version",
        reason=pl.coalesce(
            bad_names("model"),
            bad_names("version"),
            unclear_names("template"),
            addresses.unfit,
            pl.when(pl.struct("model", "version").is_duplicated()).then(
                pl.format("{} {} stands twice in the table", "model", "version")
            ),
            pl.when(pl.col("format").is_null()).then(
                pl.lit(f"the format is missing; known: {', '.join(formats)}")
            ),
            pl.when(pl.col("format").is_in(_CODE)).then(
                pl.format(
                    "the format '{}' runs code when it is opened and is refused;"
                    " save the model as skops",
                    "format",
                )
            ),
            pl.col("format").replace_strict(
                installed().loaders.contested, default=None, return_dtype=pl.String
            ),
            pl.when(~pl.col("format").is_in(formats)).then(
                pl.format(
                    "no model format is called '{}'; known: {}",
                    "format",
                    pl.lit(", ".join(formats)),
                )
            ),
            pl.when(wants_artifact & pl.col("artifact").is_null()).then(
                pl.format("the format '{}' needs an artifact", "format")
            ),
            pl.when(no_digest).then(pl.format("there is no artifact at {}", "artifact")),
            pl.when(~pl.col("digest").str.contains(_DIGEST)).then(
                pl.format(
                    "the digest '{}' is not sha256: and 64 hexadecimal digits",
                    pl.col("digest").str.head(30),
                )
            ),
            pl.col("task").replace_strict(
                installed().tasks.contested, default=None, return_dtype=pl.String
            ),
            pl.when(~pl.col("task").is_in(tasks)).then(
                pl.format("no task is called '{}'; known: {}", "task", pl.lit(", ".join(tasks)))
            ),
            pl.when(~pl.col("tier").is_between(1, 4)).then(
                pl.format("the tier {} is not 1 (highest risk) to 4", "tier")
            ),
            addresses.forbidden,
        ),
    )


def _versions(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(_key(), *VERSION.names)


def _key() -> pl.Expr:
    return pl.concat_str("model", "version", separator="@").alias("key")


def _models(rows: pl.DataFrame, state: State) -> pl.DataFrame:
    """Return the models that the rows create or describe anew: their newest word on each field."""
    fields = [name for name in MODEL.names if name not in _NOT_GIVEN]
    told = rows.group_by("model", maintain_order=True).agg(pl.col(fields).drop_nulls().last())
    held = state.lookup("model", told["model"]).filter(~pl.col("deleted"))
    held = held.select(*MODEL.names, held=True)
    merged = told.join(held, on="model", how="left", suffix="_held", maintain_order="left")
    changed = pl.any_horizontal(pl.col(name).is_not_null() for name in fields)
    news = merged.filter(pl.col("held").is_null() | changed)
    return news.select(
        pl.col("model").alias("key"),
        "model",
        *[pl.coalesce(name, f"{name}_held").alias(name) for name in fields],
        *[name for name in MODEL.names if name in _NOT_GIVEN and name != "model"],
    )
