"""Run the suites that argosy ships on what an installed plugin offers.

The suites are tests, so pytest runs them, in a process and a folder of their own. A suite that
needs more than a name, such as the changes that a policy must refuse, is run by the tests of the
plugin's project; here it is named and left out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from argosy.errors import BadInput, PluginError
from argosy.plugins import installed
from argosy_scaffold.kinds import KINDS, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = {
    **dict.fromkeys(("kind", "name", "suite", "test", "outcome", "reason"), pl.String),
    "seconds": pl.Float64,
}
LEFT_OUT = "left out"
"""The outcome of a suite that only the plugin's own tests can run."""


class _Offer(NamedTuple):
    kind: str
    name: str
    suite: str
    alone: bool


def checked(name: str) -> pl.DataFrame:
    """Return a row per test of every suite that applies to what a plugin offers.

    Columns: `kind`, `name`, `suite`, `test`, `outcome` (`passed`, `failed`, `skipped` or `left
    out`), `reason`, `seconds`.

    Raises:
        UnknownName: if there is no such plugin.
        PluginError: if it is not loaded, or offers something in vain.
        BadInput: if pytest is not installed.
    """
    plugin = installed().plugin(name)
    if plugin.state != "loaded":
        raise PluginError(f"the {plugin.origin} is {plugin.state}: {plugin.reason}")
    if find_spec("pytest") is None:
        raise BadInput("the suites are tests: install pytest beside argosy to run them")
    offers = list(_offers(name))
    run = [offer for offer in offers if offer.alone]
    told = _told(run) if run else []
    for offer in offers:
        if not offer.alone:
            why = f"it needs cases of its own: inherit {offer.suite} in the plugin's tests"
            told.append({**_row(offer), "outcome": LEFT_OUT, "reason": why})
    return pl.DataFrame(told, schema=COLUMNS)


def _offers(plugin: str) -> Iterator[_Offer]:
    found = installed()
    for kind, about in KINDS.items():
        offered = found.offered(plural(kind))
        for fault in offered.faults:
            if f"plugin {plugin!r}" in fault:
                raise PluginError(fault)
        for name, giver in offered.givers.items():
            if giver.name == plugin and about.suite:
                yield _Offer(kind, name, about.suite, about.alone)


def _row(offer: _Offer) -> dict[str, str]:
    return {"kind": offer.kind, "name": offer.name, "suite": offer.suite}


def _told(offers: list[_Offer]) -> list[dict[str, object]]:
    """Run the suites of offers, and return how each test ended."""
    with tempfile.TemporaryDirectory(prefix="argosy-check-") as folder:
        (Path(folder) / "test_offers.py").write_text(_written(offers), encoding="utf-8")
        template = files("argosy_scaffold").joinpath("templates", "check", "conftest.in")
        outcomes = Path(folder) / "outcomes.jsonl"
        text = Template(template.read_text(encoding="utf-8")).substitute(path=repr(str(outcomes)))
        (Path(folder) / "conftest.py").write_text(text, encoding="utf-8")
        asked = ("-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-c", os.devnull)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "pytest", *asked, "--rootdir", folder, folder],
            cwd=folder,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        lines = outcomes.read_text(encoding="utf-8").splitlines() if outcomes.exists() else []
    rows = [json.loads(line) for line in lines]
    if done.returncode not in (0, 1) or not rows:
        raise PluginError(f"the suites could not be run: {(done.stdout + done.stderr).strip()}")
    return [{**_row(offers[row.pop("place")]), **row} for row in rows]


def _environment() -> dict[str, str]:
    """Return this process' environment, with the file of options that it would find here."""
    config = Path("argosy.toml").absolute()
    known = {"ARGOSY_CONFIG": str(config)} if config.is_file() else {}
    return {**known, **os.environ}


def _written(offers: list[_Offer]) -> str:
    """Write a class of tests for each offer."""
    lines = ['"""The suites of what a plugin offers."""', ""]
    for place, offer in enumerate(offers):
        module, _, suite = offer.suite.rpartition(".")
        lines += [f"from {module} import {suite} as Suite{place}"]
    for place, offer in enumerate(offers):
        lines += ["", "", f"class Test{place}(Suite{place}):", f"    name = {offer.name!r}"]
    lines += ["", "", *(f"del Suite{place}" for place in range(len(offers)))]
    return "\n".join(lines) + "\n"
