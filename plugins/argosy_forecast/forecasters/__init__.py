"""Forecasters: what learns from the past of many series, and says what follows.

Reading order: `settings` (what each takes), `call` (the tables of a call as arrays), `cleaning`
(readings that cannot be meant), `features` and `local_time` (what is known at an origin),
`origins` (which are learnt from, which are held out), `member` (what all do alike), `spread`
(quantiles), `artifact` (what is kept). Then the forecasters: `naive`, `climatology`, `ridge` (with
`ahead` and `normal_equations`), `boosted`, `theta` (with `theta_loops`) and `mean`.

None learns from, or looks at, what was not known: a history holds null there. What each answers for
a series is the same to the last bit, whichever others are asked for beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy_forecast.forecaster import Forecaster
from argosy_forecast.forecasters.members import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping

FORECASTERS: Mapping[str, Forecaster] = {
    name: Forecaster(name, each.summary, each.fit, each.forecast, each.params, each.memory)
    for name, each in MEMBERS.items()
}
"""The built-in ones by name."""
