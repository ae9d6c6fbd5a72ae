"""Ten wine-quality models, trained on light wines and met by strong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

    from argosy.types import Case

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_cases() -> Iterator[Case]:
    """Offer the case `wine`."""
    from argosy.types import Case

    def run(fleet: str, data: Path) -> pl.DataFrame:
        from argosy_wine.scenario import play

        return play(fleet, data)

    yield Case("wine", "Ten wine-quality models whose wines grow stronger.", run)
