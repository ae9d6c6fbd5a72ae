"""Looks at models that were just promoted: between the steps of `argosy promote`.

One check per module: `evaluation` (the versions were evaluated, and are not worse than those
before), `drift` (no alert about them) and `lists` (their predictions are there to be looked up).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Check
    from argosy_checks.options import Options

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_options() -> type[Options]:
    """Declare what can be set, as `checks.margin=0.05`."""
    from argosy_checks.options import Options

    return Options


@hookimpl
def argosy_checks() -> Iterator[Check]:
    """Offer the checks."""
    from argosy_checks import drift, evaluation, lists

    yield evaluation.CHECK
    yield drift.CHECK
    yield lists.CHECK
