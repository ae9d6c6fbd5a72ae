"""What is sold on a day, which is a fact of the world: no rollback of a night brings it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from argosy_recommendations.generator.feeds import retired
from argosy_recommendations.night.opening import TEMPLATE
from argosy_recommendations.serving.lookup_service import CATALOGUE

if TYPE_CHECKING:
    from argosy import Fleet
    from argosy_recommendations.generator.market import Market


def open_shop(fleet: Fleet, market: Market, day: int) -> None:
    """Tell the fleet what every client has ceased to sell by a day, unless it knows."""
    catalogues, name = fleet.folder("catalogues"), f"{day:05}.parquet"
    bound = fleet.bindings().filter(role=CATALOGUE).collect()["url"].to_list()
    if any(int(Path(url).stem) >= day for url in bound):
        return
    catalogues.write_table(name, retired(market, day), row_group_size=256)
    row = {"role": CATALOGUE, "template": TEMPLATE, "url": catalogues.file(name), "key": "client"}
    fleet.bind(pl.DataFrame(row | {"id": "client"}), reason=f"the catalogues of day {day}")
