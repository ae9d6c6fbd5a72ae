"""Fleets to be read by what shows or exports them: each is made once and never changed."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

import argosy
from argosy.testing.fleets import ROLES, logged_fleet

if TYPE_CHECKING:
    from argosy.fleet import Fleet
    from argosy.types import FleetView

READINGS = ("empty", "unchecked", "checked", "past", "hostile", "many")
"""A fleet without models, without runs, with runs, as it stood before its drift was checked, with
names that are markup, and with thousands of models."""

MARK = "argosy-hostile"
"""The element and the attribute that the hostile names would open."""

HOSTILE = (
    f"<{MARK} title=1>",
    f"\"'><{MARK} title=1>",
    f"' {MARK}='1",
    f'" {MARK}="1',
    "{{ 7191 * 7 }}{% raw %}",
    "&lt;b&gt;",
)
"""Names of models that are HTML, ends of attributes or templates, and nothing else."""

EVALUATED = str(7191 * 7)
"""What stands in the place of a name that was taken for a template."""

_CLOSING = f"</td></table></section><{MARK}>"
_MANY = 3_000


@cache
def reading(name: str) -> FleetView:
    """Return one of `READINGS`.

    >>> reading("empty").models().collect().height
    0
    """
    folder = Path(tempfile.mkdtemp(prefix="argosy-reading-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if name == "past":
        fleet = _checked(logged_fleet(folder, drifting={"m2"}))
        return fleet.as_of(fleet.seq - 1)
    if name == "unchecked":
        return logged_fleet(folder, models=3)
    if name == "checked":
        return _checked(logged_fleet(folder, drifting={"m2"}))
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    if name == "hostile":
        return _hostile(fleet, folder)
    if name == "many":
        return _many(fleet)
    return fleet


def _checked(fleet: Fleet) -> Fleet:
    some = fleet.models().select("model", version="newest_version").head(2)
    fleet.set_alias(some.collect(), "champion")
    fleet.evaluate()
    fleet.check_drift()
    return fleet


def _hostile(fleet: Fleet, folder: Path) -> Fleet:
    """Register models whose every name and every column is hostile; one cannot be scored."""
    said = [*HOSTILE, _CLOSING]
    generator = np.random.default_rng(11)
    for role in ROLES:
        rows = 300
        table = pl.DataFrame({"label": generator.integers(0, 2, rows)}).with_columns(
            pl.Series("score", generator.uniform(size=rows)),
            pl.Series(_CLOSING, generator.normal(2.0 * (role == "current"), size=rows)),
            pl.Series(HOSTILE[0], generator.choice(said[: 2 if role == "current" else 7], rows)),
        )
        table.write_parquet(folder / f"{role}.parquet")
    fleet.register(
        {
            "model": list(HOSTILE),
            "version": list(reversed(HOSTILE)),
            "team": said[1:],
            "owner": said[1:],
            "template": said[1:],
            "purpose": [f"={one}\x1b[2J\u202e" for one in said[1:]],
            "tags": [{_CLOSING: _CLOSING}] * len(HOSTILE),
        },
        reason=_CLOSING,
    )
    roles = [{"role": role, "url": str(folder / f"{role}.parquet")} for role in ROLES]
    fleet.bind([{**role, "truth": "label", "score": "score"} for role in roles])
    lost = {"role": "holdout", "url": str(folder / "lost.parquet"), "truth": "label"}
    fleet.bind([{**lost, "model": HOSTILE[0]}], check=False)
    return _checked(fleet)


def _many(fleet: Fleet) -> Fleet:
    number = pl.int_range(_MANY)
    fleet.register(
        pl.select(
            model=pl.format("m{}", number),
            version=pl.lit("1"),
            team=pl.format("team {}", number % 45),
            template=pl.format("template {}", number % 70),
            tier=1 + number % 4,
        )
    )
    return fleet
