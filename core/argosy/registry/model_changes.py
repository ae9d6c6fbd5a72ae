"""Change what is known of models: tags, owner, whether they are retired, whether they exist."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.registry.frames import as_frame, refuse_bad_rows, shaped
from argosy.store.after_images import Change
from argosy.store.state import Decision
from argosy.tables import COMMIT, MODEL, TAGS
from argosy.types.moments import span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from argosy.store.ledger import Ledger
    from argosy.store.state import State

_NAMED = pa.schema([("model", pa.string())])
_OF_MODELS = ("model", "version", "alias", "binding")


def tag(
    ledger: Ledger, table: object, reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Add tags to models, or give them new values; others stay (`model`, `tags`)."""
    schema = pa.schema([("model", pa.string()), ("tags", TAGS)])
    rows = shaped(as_frame(table, "tag"), schema, ("model", "tags"), "tag table")

    def merged(held: pl.DataFrame) -> pl.LazyFrame:
        return _as_tags(
            pl.concat([_entries(held, 0), _entries(rows, 1)])
            .sort("model", "key", "age")
            .unique(["model", "key"], keep="last", maintain_order=True)
        )

    return _change(ledger, rows, "tag", merged, ("tags",), reason, dry_run)


def untag(
    ledger: Ledger,
    table: object,
    keys: Sequence[str],
    reason: str | None = None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Take tags away from models (`model`)."""
    rows = shaped(as_frame(table, "untag"), _NAMED, ("model",), "table of models")

    def pruned(held: pl.DataFrame) -> pl.LazyFrame:
        return _as_tags(_entries(held, 0).filter(~pl.col("key").is_in(list(keys))))

    return _change(ledger, rows, "untag", pruned, ("tags",), reason, dry_run)


def set_owner(
    ledger: Ledger, table: object, reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Give models a new owner (`model`, `owner`)."""
    schema = pa.schema([("model", pa.string()), ("owner", pa.string())])
    rows = shaped(as_frame(table, "set the owner"), schema, ("model", "owner"), "owner table")
    return _change(ledger, rows, "set_owner", lambda _: rows.lazy(), ("owner",), reason, dry_run)


def retire(
    ledger: Ledger,
    table: object,
    retired: bool,
    reason: str | None = None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Take models out of every job, or (`retired` false) put them back; nothing is lost."""
    rows = shaped(as_frame(table, "retire"), _NAMED, ("model",), "table of models")
    marked = rows.with_columns(retired=pl.lit(retired))
    op = "retire" if retired else "restore"
    return _change(ledger, rows, op, lambda _: marked.lazy(), ("retired",), reason, dry_run)


def delete(
    ledger: Ledger,
    table: object,
    keep_days: float,
    reason: str | None = None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Remove models with their versions, aliases and bindings; the ledger keeps the history.

    For `keep_days` they can be restored; then upkeep may remove artifacts below the fleet.
    """
    rows = shaped(as_frame(table, "delete"), _NAMED, ("model",), "table of models")
    kept = span(abs(keep_days), "days", "keep deleted models")
    until = datetime.now(UTC) + (kept if keep_days >= 0 else -kept)

    def decide(state: State) -> Decision:
        outcomes = _outcomes(rows, state["model"], "deleted")
        images = {
            kind: _image(state[kind].join(rows, on="model", how="semi")).with_columns(
                deleted=pl.lit(True)
            )
            for kind in _OF_MODELS
        }
        images["model"] = images["model"].with_columns(
            keep_until=pl.lit(until, pl.Datetime("us", "UTC"))
        )
        return Decision(outcomes, [Change(kind, image) for kind, image in images.items()])

    return ledger.apply("delete", decide, reason, dry_run)


def undelete(
    ledger: Ledger, table: object, reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Bring deleted models back, with all that was deleted with them.

    Raises:
        RowsRefused: for models that were not deleted, or whose retention has passed.
    """
    rows = shaped(as_frame(table, "restore"), _NAMED, ("model",), "table of models")
    now = pl.lit(datetime.now(UTC), pl.Datetime("us", "UTC"))

    def decide(state: State) -> Decision:
        gone = state.lookup("model", rows["model"]).filter("deleted")
        outcomes = _outcomes(rows, gone, "restored", "no deleted model is called '{}'")
        kept = gone.select("model", "keep_until", "txn_id")
        late = pl.format(
            "the model '{}' was kept until {}", "model", pl.col("keep_until").dt.to_string()
        )
        outcomes = outcomes.join(kept, on="model", maintain_order="left").select(
            "model", "outcome", reason=pl.when(pl.col("keep_until") < now).then(late)
        )
        refuse_bad_rows(outcomes, "be restored")
        together = kept.join(rows, on="model", how="semi").select("model", "txn_id")
        images = {
            kind: _image(
                state.whole(kind)
                .filter("deleted")
                .join(together, on=["model", "txn_id"], how="semi")
            )
            for kind in _OF_MODELS
        }
        images["model"] = images["model"].with_columns(keep_until=None)
        return Decision(outcomes, [Change(kind, image) for kind, image in images.items()])

    return ledger.apply("restore", decide, reason, dry_run)


def _change(
    ledger: Ledger,
    rows: pl.DataFrame,
    op: str,
    renewed: Callable[[pl.DataFrame], pl.LazyFrame],
    fields: Sequence[str],
    reason: str | None,
    dry_run: bool,
) -> pl.DataFrame:
    """Write the models' new after-images: `renewed` gives the new fields from those held."""

    def decide(state: State) -> Decision:
        held = state.lookup("model", rows["model"], live=True)
        outcomes = _outcomes(rows, held, "changed")
        new = {name: f"new_{name}" for name in fields}
        both = held.lazy().join(
            renewed(held).select("model", *fields).rename(new),
            on="model",
            how="left",
            maintain_order="left",
        )
        differs = pl.any_horizontal(
            pl.col(old).ne_missing(pl.col(given)) for old, given in new.items()
        )
        columns = [pl.col(new.get(name, name)).alias(name) for name in MODEL.names]
        news = both.filter(differs).select("key", *columns).collect()
        if news.height < rows.height:
            changed = pl.col("model").is_in(news["model"].implode())
            outcomes = outcomes.with_columns(
                outcome=pl.when(changed).then("outcome").otherwise(pl.lit("unchanged"))
            )
        return Decision(outcomes, [Change("model", news)])

    return ledger.apply(op, decide, reason, dry_run)


def _outcomes(
    rows: pl.DataFrame, held: pl.DataFrame, done: str, missing: str = "no model is called '{}'"
) -> pl.DataFrame:
    known = held.select("model", known=True)
    outcomes = rows.join(known, on="model", how="left", maintain_order="left").select(
        "model",
        outcome=pl.lit(done),
        reason=pl.coalesce(
            pl.when(pl.col("known").is_null()).then(
                pl.format(missing, pl.col("model").fill_null(""))
            ),
            pl.when(pl.col("model").is_duplicated()).then(
                pl.format("the model '{}' stands twice in the table", "model")
            ),
        ),
    )
    refuse_bad_rows(outcomes, f"be {done}")
    return outcomes


def _image(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.drop([name for name in COMMIT.names if name != "key"])


def _entries(frame: pl.DataFrame, age: int) -> pl.LazyFrame:
    tagged = frame.lazy().filter(pl.col("tags").is_not_null())
    listed = tagged.select("model", pl.col("tags").map.entries())
    return (
        listed.explode("tags", empty_as_null=False)
        .unnest("tags")
        .select("model", "key", "value", age=pl.lit(age))
    )


def _as_tags(entries: pl.LazyFrame) -> pl.LazyFrame:
    listed = entries.group_by("model", maintain_order=True).agg(tags=pl.struct("key", "value"))
    return listed.with_columns(pl.col("tags").cast(pl.Map(pl.String, pl.String)))
