"""Define prototypes, and register models as their instances.

A template is known by its name. Its instances are models that name it, so a template that still
has models is never taken away: it would leave them without whoever trains them.
"""

from __future__ import annotations

import math
import re
import warnings
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import pyarrow as pa
from pydantic import ValidationError

from argosy.errors import ArgosyWarning, UnknownName, refusal
from argosy.plugins import installed
from argosy.registry.frames import as_frame, bad_names, refuse_bad_rows, shaped
from argosy.registry.times import PERIOD, length
from argosy.store.after_images import Change
from argosy.store.state import Decision
from argosy.tables import MODEL, TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from argosy.store.ledger import Ledger
    from argosy.store.state import State
    from argosy.types import Trainer

KEPT_AS = {"metrics": "metric_names"}
"""Fields whose names mean something else in the ledger, and what they are called there."""
FIELDS = {kept: name for name, kept in KEPT_AS.items()}
"""The same, the other way round."""
DATA = "training"
"""The role of the data that models are trained on, where their template names none."""

_WORDS = {"hourly": "1h", "daily": "1d", "weekly": "1w", "monthly": "1mo"}
_SCHEDULE = re.compile(rf"({PERIOD}|{'|'.join(_WORDS)})( ([01]\d|2[0-3]):[0-5]\d)?")
_INPUT = pa.schema([field.with_name(FIELDS.get(field.name, field.name)) for field in TEMPLATE])
_NOT_GIVEN = {"template", "retired", "keep_until"}
_INSTANCE = pa.schema([field for field in MODEL if field.name not in _NOT_GIVEN])
_NAMED = pa.schema([("template", pa.string())])


def define(
    ledger: Ledger, table: object, reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Write every row of the table as a template in one commit, or none of them.

    Returns:
        One row per input row: `template`, `outcome` (`defined`, `changed` or `unchanged`),
        `reason`, and `warning`, where its models would be trained again before anybody can see
        what the last training did.

    Raises:
        BadInput: for missing or mistyped columns.
        RowsRefused: for rows that are invalid; the outcomes are attached to it.
    """
    rows = shaped(as_frame(table, "define"), _INPUT, ("template", "trainer"), "template")
    rows = rows.with_columns(pl.col("data").fill_null(DATA))
    faults = pl.Series([_fault(row) for row in rows.iter_rows(named=True)], dtype=pl.String)
    twice = pl.format("the template '{}' stands twice in the table", "template")
    problems = rows.select(
        "template",
        reason=pl.coalesce(
            bad_names("template"),
            pl.when(pl.col("template").is_duplicated()).then(twice),
            bad_names("data"),
            faults,
        ),
    )
    warned = pl.Series("warning", [hasty(row) for row in rows.iter_rows(named=True)], pl.String)
    kept = rows.rename(KEPT_AS).with_columns(key="template")

    def decide(state: State) -> Decision:
        refuse_bad_rows(problems, "be defined")
        held = state["template"].select("key", *TEMPLATE.names)
        known = kept.join(held.select("key", known=True), on="key", how="left")
        same = kept.select("key", now=_told()).join(
            held.select("key", was=_told()), on="key", how="left", maintain_order="left"
        )
        unchanged = same["now"] == same["was"]
        outcomes = problems.with_columns(
            outcome=pl.when(unchanged.fill_null(False))
            .then(pl.lit("unchanged"))
            .when(known["known"])
            .then(pl.lit("changed"))
            .otherwise(pl.lit("defined"))
        ).select("template", "outcome", "reason", warned)
        return Decision(outcomes, [Change("template", kept.filter(~unchanged.fill_null(False)))])

    outcomes = ledger.apply("define", decide, reason, dry_run)
    for text in warned.drop_nulls():
        warnings.warn(text, ArgosyWarning, stacklevel=4)
    return outcomes


def undefine(
    ledger: Ledger, table: object, reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Take templates (`template`) away that have no models.

    Returns:
        One row per input row: `template`, `outcome` (`undefined`), `reason`.

    Raises:
        RowsRefused: for a template that does not exist, or that has models.
    """
    rows = shaped(as_frame(table, "undefine"), _NAMED, ("template",), "table of templates")

    def decide(state: State) -> Decision:
        held = state.lookup("template", rows["template"], live=True)
        gone = held.select("key", *TEMPLATE.names).with_columns(deleted=pl.lit(True))
        change = Change("template", gone)
        known = pl.col("template").is_in(held["template"].implode())
        missing = pl.when(~known).then(pl.format("no template is called '{}'", "template"))
        kept = rows.join(bereft(state, [change]), on="template", how="left", maintain_order="left")
        outcomes = kept.select(
            "template", outcome=pl.lit("undefined"), reason=pl.coalesce(missing, "reason")
        )
        refuse_bad_rows(outcomes, "be undefined")
        return Decision(outcomes, [change])

    return ledger.apply("undefine", decide, reason, dry_run)


def bereft(state: State, changes: Sequence[Change]) -> pl.DataFrame:
    """Say of which templates changes would leave models without their prototype.

    Returns:
        `template` and `reason`.
    """
    by_kind = {change.kind: change.rows for change in changes if change.rows.height}
    nothing = pl.DataFrame(schema={"template": pl.String, "reason": pl.String})
    if "template" not in by_kind or "deleted" not in by_kind["template"].columns:
        return nothing
    lost = by_kind["template"].filter("deleted").select("template")
    models = state["model"].select("key", "template")
    if "model" in by_kind:
        news = by_kind["model"]
        gone = news["deleted"] if "deleted" in news.columns else pl.lit(False)
        stays = news.filter(~gone).select("key", "template")
        models = pl.concat([models.join(news.select("key"), on="key", how="anti"), stays])
    left = models.join(lost, on="template").group_by("template").agg(many=pl.len())
    told = "the template '{}' has {} models; delete them first, or give them another template"
    return left.select("template", reason=pl.format(told, "template", "many"))


def instantiate(
    ledger: Ledger,
    template: str,
    table: object,
    existing: Literal["refuse", "skip"] = "refuse",
    reason: str | None = None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Register every row of the table as a model of a template, without a version, or none.

    Returns:
        One row per input row: `model`, `template`, `outcome` (`instantiated` or `skipped`),
        `reason`.

    Raises:
        UnknownName: for a template that is not defined.
        BadInput: for missing or mistyped columns.
        RowsRefused: for rows that cannot enter, such as a model that exists.
    """
    if existing not in {"refuse", "skip"}:
        raise UnknownName.among("way to treat existing models", existing, ["refuse", "skip"])
    rows = shaped(as_frame(table, "instantiate"), _INSTANCE, ("model",), "table of models")
    rows = rows.with_columns(template=pl.lit(template), key="model")
    problems = rows.select(
        "model",
        "template",
        reason=pl.coalesce(
            bad_names("model"),
            pl.when(pl.col("model").is_duplicated()).then(
                pl.format("the model '{}' stands twice in the table", "model")
            ),
            pl.when(~pl.col("tier").is_between(1, 4)).then(
                pl.format("the tier {} is not 1 (highest risk) to 4", "tier")
            ),
        ),
    )

    def decide(state: State) -> Decision:
        known = state["template"]
        held = known.filter(template=template)
        if held.is_empty():
            hint = "Define it with fleet.define or `argosy define FILE`"
            raise UnknownName.among("template", template, known["template"], hint)
        there = rows["model"].is_in(state["model"]["model"].implode())
        taken = pl.lit(there) & pl.lit(existing == "refuse")
        told = pl.format("a model is called '{}' already; leave it out, or skip it", "model")
        found = problems.with_columns(reason=pl.coalesce("reason", pl.when(taken).then(told)))
        refuse_bad_rows(found, "be instantiated")
        outcomes = found.select(
            "model",
            "template",
            pl.when(there)
            .then(pl.lit("skipped"))
            .otherwise(pl.lit("instantiated"))
            .alias("outcome"),
            "reason",
        )
        owner = pl.coalesce("owner", pl.lit(held["owner"].item(), pl.String))
        fresh = rows.filter(~there).with_columns(owner)
        blank = {name: None for name in MODEL.names if name not in fresh.columns}
        return Decision(outcomes, [Change("model", fresh.with_columns(**blank))])

    return ledger.apply("instantiate", decide, reason, dry_run)


def every(schedule: str | None) -> float | None:
    """Return the days between two turns of a schedule; None for what is no schedule.

    It is a period, or `hourly`, `daily`, `weekly` or `monthly`, and perhaps a time of the day.

    >>> every("1w"), every("daily 00:00"), every("weekly"), every("at night")
    (7.0, 1.0, 7.0, None)
    """
    told = _SCHEDULE.fullmatch(schedule or "")
    return length(_WORDS.get(told[1], told[1])) or None if told else None


def hasty(template: dict[str, Any]) -> str | None:
    """Warn where a template is trained again before its effect can be seen.

    >>> hasty({"template": "shop", "schedule": "1w", "effect_delay": "1d"}) is None
    True
    """
    schedule, delay = template["schedule"], template["effect_delay"]
    spans = every(schedule), length(delay)
    if spans[0] is None or spans[1] is None or spans[0] >= spans[1]:
        return None
    period, _, time = schedule.partition(" ")
    turn = (period if period in _WORDS else f"every {period}") + (f" at {time}" if time else "")
    return (
        f"cadence warning: the template {template['template']!r} is trained {turn}, but"
        f" what a new version does can be seen only after {delay}, so versions are replaced before"
        " anybody can tell whether they were better"
    )


def _told() -> pl.Expr:
    return pl.struct(TEMPLATE.names).struct.json_encode()


def _fault(row: dict[str, Any]) -> str | None:
    """Say what is wrong with a template, beside its name."""
    found = installed()
    known: dict[str, Iterable[str]] = {
        "trainer": found.trainers,
        "comparison": found.comparisons,
        "metric": found.metrics,
        "task": found.tasks,
    }
    asked = [(what, row[what]) for what in known] + [
        ("metric", name) for name in row["metrics"] or ()
    ]
    for what, name in asked:
        if (name is not None or what == "trainer") and name not in known[what]:
            return f"no {what} is called {name!r}; known: {', '.join(sorted(known[what]))}"
    if row["schedule"] is not None and every(row["schedule"]) is None:
        return (
            f"the schedule {row['schedule']!r} is no period such as 1d or 6h, nor hourly, daily,"
            " weekly or monthly, perhaps with a time such as 'daily 02:00'"
        )
    if row["effect_delay"] is not None and length(row["effect_delay"]) is None:
        return f"the effect_delay {row['effect_delay']!r} is no period such as 1d or 6h"
    if row["margin"] is not None and not 0 <= row["margin"] < math.inf:
        return f"the margin {row['margin']} is not zero or more"
    return _odd_params(found.trainers[row["trainer"]], dict(row["params"] or {}))


def _odd_params(trainer: Trainer, params: dict[str, str]) -> str | None:
    if trainer.params is None:
        return None
    try:
        trainer.params.model_validate(params)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "params"
        return f"the trainer {trainer.name!r} cannot take the params: {where}: {refusal(first)}"
    return None
