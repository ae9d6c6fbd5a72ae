"""The forecasters by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy_forecast.forecasters import boosted, climatology, mean, naive, ridge, theta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy_forecast.forecasters.member import Member

MEMBERS: Mapping[str, Member] = {
    each.MEMBER.name: each.MEMBER for each in (naive, climatology, ridge, boosted, theta, mean)
}
