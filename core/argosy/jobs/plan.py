"""Keep the plan of a run beside what its chunks find, so that another process can resume it."""

from __future__ import annotations

import posixpath
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.fingerprints import changes
from argosy.errors import ArgosyWarning, PluginError, StoreError, UnknownName
from argosy.jobs.loans import here
from argosy.jobs.spec import RunSpec
from argosy.jobs.staged import Staged
from argosy.plugins.manifest import differences, manifest
from argosy.store import blobs
from argosy.store.facts import STAGED_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from argosy.store.location import Location

_FILE = "plan.arrow"
_DATA = "data.arrow"
_NAMED = 5
"""How many changed files an error names."""
_REQUEST = b"argosy"
_WAITING: dict[str, Any] = {
    "run_id": pl.String,
    "kind": pl.String,
    "started": pl.Datetime("us", "UTC"),
    "models": pl.Int64,
    "done": pl.Int64,
    "executor": pl.String,
    "by": pl.String,
    "group": pl.String,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that was begun: its request, and how it was cut."""

    spec: RunSpec
    units: pl.DataFrame
    """`model`, `version` and `chunk`, the place at which the model's chunk begins."""

    @property
    def starts(self) -> list[int]:
        """Where the chunks begin."""
        return self.units["chunk"].unique(maintain_order=True).to_list()

    def fits(self, units: pl.DataFrame) -> None:
        """Check that the units are the same models in the same order.

        Raises:
            StoreError: if not, for example because a plugin orders them differently.
        """
        named = ["model", "version"]
        if not self.units.select(named).equals(units.select(named)):
            raise StoreError(
                f"the run {self.spec.run_id} cannot be carried on: its models are no longer"
                " those that it was planned for; start it anew"
            )


def keep(
    location: Location,
    spec: RunSpec,
    units: pl.DataFrame,
    starts: Sequence[int],
    data: pl.DataFrame | None = None,
) -> None:
    """Write a request and its plan, in place of an earlier one.

    Args:
        location: the fleet's.
        spec: what was asked.
        units: in the order of the plan.
        starts: where its chunks begin.
        data: what lies at their URLs, as `argosy.data.fingerprints.lying` gives it; as it was kept
            before unless given.

    Raises:
        StoreError: if the store cannot be written.
    """
    begins = pl.DataFrame({"chunk": starts}, schema={"chunk": pl.Int64}).with_columns(place="chunk")
    placed = units.select("model", "version").with_row_index("place").cast({"place": pl.Int64})
    rows = placed.join_asof(begins, on="place").drop("place").to_arrow()
    written = rows.replace_schema_metadata({_REQUEST: spec.written()})
    folder = posixpath.join(STAGED_FOLDER, spec.run_id)
    if data is not None:
        blobs.write(location, folder, data.to_arrow(), _DATA)
    blobs.write(location, folder, written, _FILE)


def kept(location: Location, run_id: str) -> Plan:
    """Return the request of a run and how it was cut.

    Raises:
        UnknownName: if no unfinished run has that id.
        StoreError: if its plan cannot be read.
    """
    known = list(_folders(location))
    if run_id not in known:
        raise UnknownName.among("unfinished run", run_id, known)
    rows = blobs.read(location, posixpath.join(STAGED_FOLDER, run_id), _FILE)
    try:
        spec = RunSpec.read((rows.schema.metadata or {})[_REQUEST])
    except (KeyError, ValueError, TypeError) as error:
        raise StoreError(f"the plan of the run {run_id} is damaged ({error})") from error
    return Plan(spec, pl.DataFrame(rows))


def refuse_other_software(plan: Plan) -> None:
    """Raise if what is installed here is not what the run began with.

    Raises:
        PluginError: naming the differences.
    """
    found = differences(plan.spec.software, {**manifest(), **here(plan.spec.software)}, "now")
    if found:
        told = "; ".join(line.replace(" here", " when it began") for line in found)
        raise PluginError(
            f"the run {plan.spec.run_id} began with other software: {told}; install the same,"
            " or say that the mixture is wanted (other_software=True, --other-software)"
        )


def refuse_other_data(location: Location, run_id: str, data: pl.DataFrame) -> None:
    """Raise if the data of a run is not what it was when the run began.

    Args:
        location: the fleet's.
        run_id: of the run.
        data: what lies at the URLs now, as `argosy.data.fingerprints.lying` gives it.

    Raises:
        StoreError: naming the files that changed.
    """
    before = pl.DataFrame(blobs.read(location, posixpath.join(STAGED_FOLDER, run_id), _DATA))
    found = changes(before, data)
    if found:
        more = f"; and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        raise StoreError(
            f"the data of the run {run_id} has changed since it began:"
            f" {'; '.join(found[:_NAMED])}{more}; start it anew, or say that the mixture is wanted"
            " (other_data=True, --other-data)"
        )


def unfinished(location: Location) -> pl.DataFrame:
    """Return the runs that were begun and not committed, the latest first.

    Columns: `run_id`, `kind`, `started`, `models` and how many of them are `done`, `executor`,
    `by` and `group`. A run that is at work right now is among them; one whose plan is damaged is
    left out with a warning.
    """
    rows = []
    for run_id in _folders(location):
        try:
            plan = kept(location, run_id)
        except StoreError as error:
            warnings.warn(f"{error}; the run {run_id} is left out", ArgosyWarning, stacklevel=2)
            continue
        found = Staged(location, run_id)
        found.recall()
        spec = plan.spec
        rows.append(
            {
                "run_id": run_id,
                "kind": spec.kind,
                "started": spec.started,
                "models": plan.units.height,
                "done": found.done(plan.units["chunk"]),
                "executor": spec.executor,
                "by": spec.actor,
                "group": spec.group,
            }
        )
    return pl.DataFrame(rows, schema=_WAITING).sort("started", descending=True)


def _folders(location: Location) -> Iterator[str]:
    filesystem, inner = location.filesystem(location.child(STAGED_FOLDER))
    if not filesystem.exists(inner):
        return
    for path in filesystem.ls(inner, detail=False):
        if filesystem.exists(posixpath.join(path, _FILE)):
            yield posixpath.basename(path.rstrip("/"))
