"""Looks at models that were just promoted: between the steps of `argosy promote`.

One check per module: `comparison` (they are not worse than the versions that they replace),
`evaluation` (they were evaluated, and are not worse), `drift` (they are clear) and `lists` (their
predictions are there to be looked up). `subjects` says what each is judged by, `verdicts` what
comparisons say.
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
    """Declare what can be set, as `checks.age=14d`."""
    from argosy_checks.options import Options

    return Options


@hookimpl
def argosy_checks() -> Iterator[Check]:
    """Offer the checks."""
    from argosy_checks import comparison, drift, evaluation, lists

    yield comparison.CHECK
    yield evaluation.CHECK
    yield drift.CHECK
    yield lists.CHECK
