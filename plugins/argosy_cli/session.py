"""What every command is handed: which fleet, how to print, how to show progress."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from argosy.inert import visible
from argosy_cli import terminal
from argosy_cli.parent import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl
    from rich.console import JustifyMethod

    from argosy import Fleet, View
    from argosy.types import Ran
    from argosy_cli.bar import Bar

_SHOWN = 50


@dataclass
class Session:
    """One invocation of the command line."""

    fleet_url: str | None = None
    json: bool = False
    actor: str | None = None
    as_of: str | None = None
    group: str | None = None
    watch: Watch = field(default_factory=Watch)
    """How a parent watches this process."""
    _run: Ran | None = None
    """The run that is told at the moment."""
    _reasons_told: bool = False
    _left_out_told: bool = False
    _held: list[str] = field(default_factory=list)

    def open(self, create: bool = False) -> Fleet:
        """Open the fleet that `--fleet` or `ARGOSY_FLEET` names.

        Raises:
            click.UsageError: if neither does.
        """
        if not self.fleet_url:
            raise click.UsageError("name a fleet with --fleet URL or ARGOSY_FLEET")
        from argosy import open as open_fleet
        from argosy.plugins.settings import check

        check()
        fleet = open_fleet(self.fleet_url, create, _storage_options(), self.actor)
        if self.as_of is not None:
            raise click.UsageError(
                f"this is the fleet as it stood after change {fleet.as_of(self.as_of).seq}, which"
                " is read-only; leave out --as-of to change it"
            )
        return fleet if self.group is None else fleet.in_group(self.group)

    def view(self) -> View:
        """Open the fleet to read it, as it stood where `--as-of` says so.

        Raises:
            click.UsageError: if neither `--fleet` nor `ARGOSY_FLEET` names it.
        """
        if self.as_of is None:
            return self.open()
        point, self.as_of = self.as_of, None
        try:
            return self.open().as_of(point)
        finally:
            self.as_of = point

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Let a parent know that a job begins inside, and of which run it is."""
        from argosy.data.guard import trust_nothing
        from argosy.jobs.begun import watching

        if self.watch.again:
            trust_nothing()
        self.watch.begun()
        with watching(self.watch.begun):
            yield

    def say(self, text: str) -> None:
        """Print a line for a person; scripts that asked for JSON do not get it."""
        if not self.json:
            terminal.say(text)

    def tell(self, text: str, end: str = "\n") -> None:
        """Print a line on standard error, where it is in the way of no answer."""
        terminal.say(text, err=True, end=end)

    def follow(self, text: str) -> None:
        """Print a piece of what somebody else prints; on standard error beside JSON."""
        terminal.say(text, err=self.json, end="")

    def emit(
        self,
        answer: pl.DataFrame | Mapping[str, Any],
        columns: Sequence[str] | None = None,
        title: str | None = None,
        limit: int | None = _SHOWN,
    ) -> None:
        """Print the answer: one JSON document, or a table that a person can read.

        Args:
            answer: a table, or an object.
            columns: what the person sees of a table; the JSON has every column.
            title: stands above the person's table.
            limit: the most rows that a person sees.
        """
        if self.json:
            rows = self._whole(answer) if isinstance(answer, Mapping) else answer.to_dicts()
            terminal.answer(rows)
        elif isinstance(answer, Mapping):
            shown = {visible(name): terminal.cell(value) for name, value in answer.items()}
            width = max(map(len, shown), default=0)
            for name, value in shown.items():
                terminal.say(f"{name:<{width}}  {value}")
        else:
            self._table(answer, columns or answer.columns, title, limit)

    def run(self, run: Ran, done: str) -> None:
        """Print a run's summary, and what it could not do.

        Args:
            run: that is committed.
            done: what was done with the models that did not fail, such as `evaluated`.
        """
        summary = run.summary
        if self.json:
            self.emit(summary)
            return
        drifted = f", {summary['drifted']} drifted" if summary["kind"] == "drift" else ""
        unknown = f", {summary['unknown']} unknown" if summary["unknown"] else ""
        self.say(
            f"run {run.id}: {summary['ok']} of {summary['models']} models {done}{drifted}{unknown},"
            f" {summary['failed']} failed, {summary['seconds']:.1f} s"
        )
        self._tell_left_out(run)
        self._tell_reasons(run)
        if summary["drifted"]:
            self.say("`argosy triage` lists them, worst first")

    @contextmanager
    def telling(self, run: Ran) -> Iterator[None]:
        """See to it that the reasons of a run's failures are told with what is printed of it."""
        self._run, self._reasons_told, self._left_out_told = run, False, False
        try:
            yield
            if not self._left_out_told:
                self._tell_left_out(run)
            if not self.json and not self._reasons_told:
                self._tell_reasons(run)
        finally:
            self._run = None

    def _tell_left_out(self, run: Ran) -> None:
        """Say what the run left out; beside a JSON document that is no summary, on stderr."""
        self._left_out_told = True
        for line in _left_out(run.summary):
            terminal.say(line, err=self.json)

    def _tell_reasons(self, run: Ran) -> None:
        from argosy_cli.reasons import FEW, grouped

        self._reasons_told = True
        failures = run.failures()
        if failures.height > FEW:
            self.emit(grouped(failures), title="failed", limit=FEW)
        elif failures.height:
            self.emit(failures, ["model", "version", "reason"], limit=None)

    def _whole(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return an object; the one of the run that is being told has its failures too."""
        if self._run is None or answer.get("run_id") != self._run.id:
            return dict(answer)
        from argosy_cli.reasons import grouped

        self._left_out_told = True
        return {**answer, "failures": grouped(self._run.failures()).to_dicts()}

    @contextmanager
    def progress(self, title: str) -> Iterator[Bar]:
        """Show a progress bar on standard error; yields what `progress=` of a job takes."""
        from argosy_cli.bar import Bar

        bar = Bar(title)
        try:
            yield bar
        finally:
            bar.stop()

    def _table(
        self, frame: pl.DataFrame, columns: Sequence[str], title: str | None, limit: int | None
    ) -> None:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        above = None if title is None else Text(visible(title))
        table = Table(title=above, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for name in columns:
            numeric = frame.schema[name].is_numeric()
            justify: JustifyMethod = "right" if numeric else "left"
            table.add_column(Text(visible(name)), justify=justify, overflow="fold")
        for row in frame.select(columns).head(limit or frame.height).rows():
            table.add_row(*[Text(terminal.cell(value)) for value in row])
        terminal.console().print(table)
        if limit is not None and frame.height > limit:
            way = "--limit 0 or --json" if _takes_limit() else "--json"
            terminal.say(f"… and {frame.height - limit} more; {way} shows all")


def _left_out(summary: Mapping[str, Any]) -> Iterator[str]:
    """Say which rows of a run count nowhere or otherwise than they might, a line each."""
    from argosy.data.left_out import COUNTED

    many = summary.get("independent", 0)
    if many:
        models = f"{many:,} model{'' if many == 1 else 's'}"
        yield f"{models}: rows are taken for independent (no timestamp, no cluster)"
    counts = dict(summary.get("left_out", {}))
    named = {cause.name for cause in COUNTED}
    gone = [count["told"] for name, count in counts.items() if name not in named]
    if gone:
        yield f"left out: {'; '.join(gone)}"
    yield from (count["told"] for name, count in counts.items() if name in named)


def _takes_limit() -> bool:
    """Whether the command that is at work has an option for how many rows it shows."""
    context = click.get_current_context(silent=True)
    return context is not None and "limit" in context.params


def _storage_options() -> dict[str, Any]:
    """Read what the store needs to be reached from the surroundings; it may hold secrets."""
    text = os.environ.get("ARGOSY_STORAGE_OPTIONS") or "{}"
    try:
        options = json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"ARGOSY_STORAGE_OPTIONS is not JSON: {error}") from None
    if not isinstance(options, dict):
        kind = type(options).__name__
        raise click.UsageError(
            f"ARGOSY_STORAGE_OPTIONS is a {kind}, not an object; write"
            ' {"key": "…", "secret": "…"} in the words of fsspec'
        )
    return options
