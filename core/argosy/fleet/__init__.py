"""The front of argosy: open a fleet, ask it, change it, let it work.

`View` is what can be asked of a fleet, now or as it stood. The verbs stand side by side on a
fleet that can be changed: `changes`, `templates`, `jobs`, `flat_verbs`, `runs`, `releases`,
`upkeep`.
"""

from argosy.fleet.opened import Fleet, open  # noqa: A004
from argosy.fleet.past import PastFleet
from argosy.fleet.view import View

__all__ = ["Fleet", "PastFleet", "View", "open"]
