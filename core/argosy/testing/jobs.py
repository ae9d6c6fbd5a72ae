"""What every job must do: be asked, be cut, be stopped and carried on, and leave sound rows."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.testing import assert_frame_equal

import argosy
from argosy.errors import BadInput, UnknownName
from argosy.jobs import requests
from argosy.jobs.load import load
from argosy.plugins import configured, installed
from argosy.plugins.settings import using
from argosy.tables import FACTS
from argosy.testing.commands import NOTHING, arguments, beyond, said
from argosy.testing.fleets import logged_fleet
from argosy.testing.interference import cut, dying, edit, stopping
from argosy_cli.fields import options_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from argosy.fleet import Fleet
    from argosy.jobs.run import Run
    from argosy.types import Job


def of_models(run: Run) -> pl.DataFrame:
    """Return a run's failures but for those of plugins, such as one that could not be loaded."""
    return run.failures().drop_nulls("model")


class JobSuite:
    """Inherit this, set `name`, and your job is carried out on a fleet in every way there is."""

    name: str
    """The job under test."""

    request: Mapping[str, Any] = MappingProxyType({})
    """The parameters it is asked with, by name; what is left out has its default."""

    refused: Mapping[str, Any] = MappingProxyType({})
    """Values that it must refuse, by parameter, besides those beyond the bounds of its fields."""

    models: int = 6
    """How many models `fleet` has."""

    moving: Collection[str] = ()
    """Columns that differ between two runs that found the same, besides `run_id` and `at`."""

    reads: bool = True
    """Whether a model whose data is missing fails; not where the job reads none."""

    ray: bool = True
    """Whether it is carried out on Ray too, where that is installed."""

    def fleet(self, folder: Path) -> Fleet:
        """Make a fleet whose models all succeed, the same in whatever folder.

        By default binary classifiers, as `argosy.testing.fleets.logged_fleet` has them, with data
        in the roles `reference`, `holdout` and `current`.
        """
        return logged_fleet(folder, self.models)

    def lose(self, fleet: Fleet, model: str) -> None:
        """Bind a model to data that is not there, in the role of the field `data` or `current`."""
        fields = self.job.request.model_fields
        name = "data" if "data" in fields else "current"
        role = self.request.get(name, fields[name].default if name in fields else None)
        assert role, "the request has no role `data`: define `lose`, or say `reads = False`"
        lost = str(Path(fleet.url).parent / "lost.parquet")
        fleet.bind([{"model": model, "role": role, "url": lost}], check=False)

    @property
    def job(self) -> Job[Any]:
        """Return the job as the core finds it."""
        return load(self.name)

    def run(self, fleet: Fleet, executor: str = "local") -> Run:
        """Carry the job out on a fleet, with the parameters of the suite."""
        with using({**configured(), "core": {"most_failures": 1.0, "time_limit": 60.0}}):
            return fleet.run(self.name, executor=executor, **self.request)

    def tables(self, fleet: Fleet, run_id: str) -> dict[str, pl.DataFrame]:
        """Return what a run left in each table of the job, but for what differs between runs."""
        return {name: self._rows(fleet, name, run_id) for name in self._names}

    def test_it_is_described(self) -> None:
        """Users type its name, and read a line of it."""
        kind = installed().jobs[self.name]
        assert kind.name == self.name == self.name.lower()
        assert kind.summary.strip()
        assert all(table.summary.strip() for table in self.job.tables if table.name not in FACTS)

    def test_its_command_has_an_option_for_each_parameter(self) -> None:
        """With a line of help, and those of every job beside them."""
        code, told, _ = said([self.name, "--help"])
        assert code == 0
        for option in options_of(self.job.request):
            assert option.opts[0] in told, option.opts
            assert (option.help or "").strip(), f"{option.opts[0]} has no description"
        assert all(option in told for option in ("--where", "--executor", "--explain"))

    def test_a_run_leaves_its_rows(self, tmp_path: Path) -> None:
        """In its tables and in SQL, in the fleet as it stands, and not in the fleet before."""
        fleet = self.fleet(tmp_path)
        before = fleet.seq
        run = self.run(fleet)
        assert run.summary["failed"] == 0, run.failures()
        assert run.summary["ok"] == run.summary["models"] > 0
        assert run.results().height > 0
        for name in self._names:
            rows = fleet.table(name).filter(run_id=run.id).collect().height
            query = f"SELECT COUNT(*) AS n FROM {name} WHERE run_id = '{run.id}'"  # noqa: S608
            assert fleet.sql(query).item() == rows
            for past, seen in ((fleet.as_of(before), 0), (fleet.as_of(fleet.seq), rows)):
                assert past.table(name).filter(run_id=run.id).collect().height == seen
        assert fleet.runs().filter(run_id=run.id).collect()["kind"].to_list() == [self.name]

    def test_its_rows_are_what_the_schema_says(self, tmp_path: Path) -> None:
        """The columns with their types, before the first run too; who failed says why."""
        fleet = self.fleet(tmp_path)
        schemas = {
            table.name: pl.DataFrame(table.schema.empty_table()).schema
            for table in self.job.tables
            if table.name in self._names
        }
        for name, schema in schemas.items():
            assert fleet.table(name).collect_schema() == schema, name
        run = self.run(fleet)
        for name, schema in schemas.items():
            rows = fleet.table(name).filter(run_id=run.id).collect()
            assert rows.schema == schema, name
            assert rows["at"].null_count() == 0
        found = run.results()
        for column in ("model", self.job.tables[0].version, "status"):
            assert found[column].null_count() == 0, column

    def test_the_command_finds_the_same(self, tmp_path: Path) -> None:
        """As one JSON document, with the parameters as options; `--explain` does nothing."""
        fleet, other = self.fleet(tmp_path / "one"), self.fleet(tmp_path / "other")
        asked = [self.name, *arguments(self.job.request, self.request), "--json"]
        before = fleet.runs().collect().height
        code, told, complaint = said(["--fleet", fleet.url, *asked, "--explain"])
        assert code == 0, complaint
        assert sum(row["models"] for row in json.loads(told)) > 0
        assert fleet.runs().collect().height == before
        code, told, complaint = said(["--fleet", fleet.url, *asked])
        assert code == 0, complaint
        json.loads(told)
        fleet = argosy.open(fleet.url)
        [run_id] = fleet.runs().filter(kind=self.name).collect()["run_id"]
        self._assert_same(self.tables(fleet, run_id), self.tables(other, self.run(other).id))

    def test_what_cannot_be_asked_is_refused_before_anything_is_written(
        self, tmp_path: Path
    ) -> None:
        """Parameters that there are not, values beyond their bounds, and those of `refused`."""
        fleet = self.fleet(tmp_path)
        before = fleet.seq
        wrong = [(NOTHING, 1), *beyond(self.job.request), *self.refused.items()]
        for name, value in wrong:
            try:
                fleet.run(self.name, **{**self.request, name: value})
            except (BadInput, UnknownName) as error:
                assert name in str(error) or name in self.refused, str(error)  # noqa: PT017
            else:
                raise AssertionError(f"{name} = {value!r} was not refused")
        assert argosy.open(fleet.url).seq == before
        assert fleet.unfinished().is_empty()

    def test_what_is_asked_can_be_kept(self) -> None:
        """As JSON, from which another process reads the very same request."""
        request = requests.read(self.name, self.job.request, self.request)
        resolved = requests.resolved(self.name, self.job, request)
        kept = json.loads(json.dumps(resolved.model_dump(mode="json")))
        assert requests.read(self.name, self.job.request, kept) == resolved

    def test_the_rows_are_the_same_however_the_models_are_cut(self, tmp_path: Path) -> None:
        """Nothing depends on who shares a chunk, to the last bit."""
        whole = self._whole(tmp_path)
        for most in (1, 2, 4):
            fleet = self.fleet(tmp_path / f"{most}")
            with cut(most):
                self._assert_same(self.tables(fleet, self.run(fleet).id), whole)

    def test_the_rows_are_the_same_on_ray(self, tmp_path: Path) -> None:
        """Where it is installed: the work is imported there by its name."""
        if not self.ray or find_spec("ray") is None:
            return
        fleet = self.fleet(tmp_path / "ray")
        with cut(2):
            run = self.run(fleet, "ray")
        self._assert_same(self.tables(fleet, run.id), self._whole(tmp_path))

    def test_a_run_that_was_stopped_is_carried_on(self, tmp_path: Path) -> None:
        """What is there is not done again, and the rows are those of a run that went through."""
        fleet = self.fleet(tmp_path / "stopped")
        with cut(1), stopping(after=2):
            try:
                self.run(fleet)
            except KeyboardInterrupt:
                pass
            else:
                raise AssertionError("it ended though its driver was stopped")
        [run_id] = fleet.unfinished()["run_id"]
        seen: list[tuple[int, int]] = []
        run = fleet.resume(run_id, progress=lambda done, total: seen.append((done, total)))
        assert seen[0][0] >= 2
        assert run.id == run_id
        assert fleet.unfinished().is_empty()
        self._assert_same(self.tables(fleet, run_id), self._whole(tmp_path))

    def test_a_model_whose_data_is_missing_fails_alone(self, tmp_path: Path) -> None:
        """It has failed, whatever is told of it has a reason, and others are as without it."""
        if not self.reads:
            return
        fleet, first = self.fleet(tmp_path / "lost"), self._names[0]
        doomed = self._some(fleet)
        self.lose(fleet, doomed)
        run = self.run(fleet)
        told = run.results().filter(model=doomed)
        assert run.summary["failed"] == 1, run.failures()
        assert "failed" in told["status"], told
        assert all((reason or "").strip() for reason in told["reason"]), "a failure has words"
        assert of_models(run)["model"].to_list() == [doomed]
        rows = {"found": self._rows(fleet, first, run.id), "wanted": self._whole(tmp_path)[first]}
        others = {  # what is decided over the fleet may differ
            which: {first: all_.filter(pl.col("model") != doomed).select("model", "status")}
            for which, all_ in rows.items()
        }
        self._assert_same(others["found"], others["wanted"])

    def test_every_failed_model_has_its_reason_wherever_the_run_is_told(
        self, tmp_path: Path
    ) -> None:
        """In Python, in SQL and by the command, which exits with 4, or 1 if nothing is left."""
        if not self.reads:
            return
        fleet, table = self.fleet(tmp_path), self.job.tables[0]
        names = sorted(fleet.models().collect()["model"])
        words = ["--fleet", fleet.url, "--set", "core.most_failures=1"]
        asked = ["run", self.name, *arguments(self.job.request, self.request)]
        for doomed, code in ((names[:2], 4), (names, 1)):
            for name in doomed:
                self.lose(fleet, name)
            run = self.run(fleet)
            failures = of_models(run)
            assert sorted(failures["model"]) == doomed
            assert failures["reason"].null_count() == 0
            query = f"SELECT model, reason FROM {table.name} WHERE run_id = '{run.id}'"  # noqa: S608
            rows = fleet.sql(f"{query} AND status = 'failed'")
            assert sorted(rows["model"].unique()) == doomed
            assert rows["reason"].null_count() == 0
            exited, told, _ = said([*words, "--json", *asked])
            assert exited == code
            assert sum(group["models"] for group in json.loads(told)["failures"]) == len(doomed)
            exited, told, _ = said([*words, *asked])
            assert exited == code
            assert all(name in told for name in doomed)
            exited, _, _ = said([*words, *asked, "--allow-failures", "2"])
            assert exited == (0 if code == 4 else 1)

    def test_a_model_that_takes_its_worker_down_is_in_quarantine(self, tmp_path: Path) -> None:
        """Every version of it that the work loads; which is done in processes of its own here."""
        fleet = self.fleet(tmp_path)
        doomed = self._some(fleet)
        with cut(1), dying(doomed):
            run = self.run(fleet)
        assert run.summary["failed"] == 1, run.failures()
        assert of_models(run)["model"].to_list() == [doomed]
        quarantined = fleet.quarantined().select("model", "cause").unique().collect()
        assert quarantined.rows() == [(doomed, "crash")]
        again = self.run(fleet)
        assert "quarantine" in of_models(again)["reason"].item()

    def test_an_edited_row_is_found(self, tmp_path: Path) -> None:
        """What `verify` compares are the rows of each table, with what their run cites."""
        fleet = self.fleet(tmp_path)
        run = self.run(fleet)
        assert fleet.verify().intact
        for name in self._names:
            if edit(fleet, name, run.id):
                found = argosy.open(fleet.url).verify()
                assert not found.intact, name
                assert name in found.findings["table"], found.findings

    def test_upkeep_leaves_its_rows(self, tmp_path: Path) -> None:
        """Whatever nothing names is removed, and the rows are named."""
        fleet = self.fleet(tmp_path)
        runs = [self.run(fleet).id for _ in range(2)]
        before = [self.tables(fleet, run_id) for run_id in runs]
        fleet.maintain(keep_hours=0, nobody_writes=True)
        fleet = argosy.open(fleet.url)
        for run_id, tables in zip(runs, before, strict=True):
            self._assert_same(self.tables(fleet, run_id), tables)
        assert fleet.verify().intact

    def test_progress_is_told(self, tmp_path: Path) -> None:
        """Up to the last model."""
        fleet = self.fleet(tmp_path)
        seen: list[tuple[int, int]] = []
        fleet.run(
            self.name, progress=lambda done, total: seen.append((done, total)), **self.request
        )
        assert seen
        assert seen == sorted(seen)
        assert seen[-1][0] == seen[-1][1] > 0

    def test_the_report_is_drawn_after_it(self, tmp_path: Path) -> None:
        """Where the report and what it needs are installed."""
        if "report" not in installed().commands or find_spec("jinja2") is None:
            return
        fleet = self.fleet(tmp_path)
        self.run(fleet)
        path = tmp_path / "report.html"
        code, _, complaint = said(["--fleet", fleet.url, "report", str(path)])
        assert (code, complaint) == (0, "")
        assert "</html>" in path.read_text(encoding="utf-8")

    @property
    def _names(self) -> list[str]:
        """Name the tables whose rows are a run's own, and not only as they stood last."""
        return [table.name for table in self.job.tables if table.name != "incidents"]

    def _whole(self, folder: Path) -> dict[str, pl.DataFrame]:
        """Return what a run finds that is neither cut nor stopped."""
        fleet = self.fleet(folder / "whole")
        return self.tables(fleet, self.run(fleet).id)

    def _rows(self, fleet: Fleet, name: str, run_id: str) -> pl.DataFrame:
        rows = fleet.table(name).filter(run_id=run_id).collect()
        kept = rows.drop("run_id", "at", *self.moving, strict=False)
        return kept.sort([name for name, kind in kept.schema.items() if not kind.is_nested()])

    def _some(self, fleet: Fleet) -> str:
        return str(fleet.models().collect()["model"][1])

    def _assert_same(
        self, found: Mapping[str, pl.DataFrame], wanted: Mapping[str, pl.DataFrame]
    ) -> None:
        for name, rows in wanted.items():
            assert_frame_equal(found[name], rows, check_exact=True)
