"""Keep what was trained: artifacts as files, what is known of them as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.artifacts import digest_of
from argosy.errors import StoreError
from argosy.store import durable
from argosy.tables import TRAININGS, VERSION

if TYPE_CHECKING:
    from argosy.store.location import Location

NO_VERSIONS = pl.DataFrame(VERSION.empty_table())
NO_TRAININGS = pl.DataFrame(TRAININGS.empty_table()).select(
    *(
        "model",
        "version",
        "task",
        "dataset_digest",
        "n",
        "seconds",
        "file",
        "sha256",
        "status",
        "reason",
    )
)
_ANSWERED = ("task", "params", "metrics")


def failed(models: pl.DataFrame) -> pl.DataFrame:
    """Return the row of each model that was not trained (`model`, `version`, `reason`)."""
    rows = models.select("model", "version", "reason", status=pl.lit("failed"), n=pl.lit(0))
    return pl.concat([NO_TRAININGS, rows], how="diagonal_relaxed")


def kept(
    lessons: pl.DataFrame, answer: pl.DataFrame, seconds: float, location: Location, folder: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Write the artifacts that a trainer answered.

    Args:
        lessons: that it was handed, with all that is known of the models.
        answer: a row for each.
        seconds: that it took for all of them.
        location: the fleet's.
        folder: below it, where the artifacts go.

    Returns:
        A row of the table `trainings` per lesson, and the versions that were made.
    """
    own = answer.select("reason", *[pl.col(name).alias(f"new_{name}") for name in _ANSWERED])
    both = lessons.hstack(own).with_columns(_files(answer))
    fault = _written(answer["content"], both["file"], location, folder)
    if fault:
        both = both.with_columns(
            reason=pl.coalesce("reason", pl.lit(fault)), file=pl.lit(None, pl.String)
        )
    both = both.with_columns(
        task=pl.coalesce("new_task", "task"), params=pl.coalesce("new_params", "params")
    )
    fine = pl.col("reason").is_null()
    trainings = both.select(
        *("model", "version", "dataset_digest", "file", "reason"),
        n="length",
        task=pl.when(fine).then("task"),
        sha256=pl.when(pl.col("file").is_not_null()).then(
            pl.col("digest").str.strip_prefix("sha256:")
        ),
        seconds=seconds * pl.col("length") / max(int(both["length"].sum()), 1),
        status=pl.when(fine).then(pl.lit("ok")).otherwise(pl.lit("failed")),
    )
    made = both.with_columns(_read(answer)).filter(fine)
    where = pl.lit(location.child(folder))
    versions = made.select(
        *("model", "version", "task", "params", "seed", "format", "digest"),
        features=pl.coalesce("read", "features"),
        artifact=pl.concat_str(where, "file", separator="/"),
        metrics="new_metrics",
        training_data_digest="dataset_digest",
    )
    return trainings, pl.concat([NO_VERSIONS, versions], how="diagonal_relaxed")


def _read(answer: pl.DataFrame) -> pl.Series:
    """Return what versions read when they predict, as registrations say it; null if not told."""
    kind = NO_VERSIONS.schema["features"]
    if "features" not in answer.columns:
        return pl.Series("read", [None] * answer.height, kind)
    blank = pl.lit(None, pl.String)
    named = pl.struct(name=pl.element(), type=blank, role=blank)
    return answer.select(pl.col("features").list.eval(named).cast(kind).alias("read")).to_series()


def _files(answer: pl.DataFrame) -> list[pl.Series]:
    """Name each artifact after its content: the same in whichever attempt it was made."""
    rows = answer.select("content", "format", "reason").iter_rows()
    digests = [None if why else digest_of(content) for content, _, why in rows]
    digest = pl.Series("digest", digests, pl.String)
    name = pl.concat_str(digest.str.strip_prefix("sha256:"), answer["format"], separator=".")
    return [digest, answer["format"], pl.select(name.alias("file")).to_series()]


def _written(contents: pl.Series, names: pl.Series, location: Location, folder: str) -> str | None:
    """Write artifacts; return why they could not be written, if so.

    Nobody reads them before the run is committed, so a file that is cut short by a crash is
    written again by whoever carries the run on.
    """
    files = {name: content for name, content in zip(names, contents, strict=True) if name}
    try:
        durable.write_all(location, location.child(folder), files)
    except StoreError as error:
        return str(error)
    return None
