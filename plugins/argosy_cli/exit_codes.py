"""What the command line exits with: the first that applies of 130, 2, 1, 3, 4 and 0."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

DONE = 0
"""All is done."""
FAILED = 1
"""The work failed: nothing came out."""
WRONG_USAGE = 2
"""The command was used wrongly, or was handed what it cannot use; nothing was begun."""
FOUND = 3
"""Found what was asked for: `--fail-on-drift`, `--fail-on-gate`."""
PARTLY = 4
"""Some models failed or could not be judged, more than `--allow-failures` lets pass."""
STOPPED = 130
"""Stopped by the user."""

_NUMBER = re.compile(r"(\d+)|(\d*\.\d+)|(\d+(?:\.\d+)?)\s*%")


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many models may fail or stay unjudged without an exit code that says so."""

    count: int = 0
    share: float = 0.0
    """Of the models of the run."""

    @classmethod
    def read(cls, text: str) -> Allowance:
        """Read a count such as 5, or a share such as 10% or 0.1.

        Raises:
            click.BadParameter: for anything else.

        >>> Allowance.read("5"), Allowance.read("10%").share, Allowance.read("0.1").share
        (Allowance(count=5, share=0.0), 0.1, 0.1)
        """
        found = _NUMBER.fullmatch(text.strip())
        count, share, percent = found.groups() if found else (None, None, None)
        if count is not None:
            return cls(count=int(count))
        part = float(percent) / 100 if percent else float(share or "nan")
        if not 0 <= part <= 1:
            raise click.BadParameter(
                f"{text!r} is neither a count of models, such as 5, nor a share of them up to"
                " 100%, such as 10% or 0.1"
            )
        return cls(share=part)

    def covers(self, missed: int, models: int) -> bool:
        """Whether so many models of a run may be missed."""
        return missed <= max(self.count, self.share * models)


NONE_ALLOWED = Allowance()

allowance_option = click.option(
    "--allow-failures",
    "allowed",
    metavar="N|SHARE",
    type=Allowance.read,
    default="0",
    help="Exit with 0 although so many models (5), or such a share of them (10%), failed or could"
    " not be judged; else with 4.",
)


def of_run(summary: Mapping[str, Any], found: int | None, allowed: Allowance = NONE_ALLOWED) -> int:
    """Return what the command of a run exits with.

    Args:
        summary: of the run.
        found: what its job's `show` returned: `FOUND`, or None.
        allowed: how many models may be missed.
    """
    if summary["ok"] == 0:
        return FAILED
    if found:
        return found
    missed = summary["failed"] + summary["unknown"]
    if summary.get("missed"):  # a plugin that would have judged them all
        missed = summary["models"]
    return DONE if allowed.covers(missed, summary["models"]) else PARTLY
