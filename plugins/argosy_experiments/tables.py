"""The tables that the jobs of this package append to."""

from __future__ import annotations

import pyarrow as pa

from argosy.types import FactTable

_RUN = [("run_id", pa.string()), ("at", pa.timestamp("us", tz="UTC"))]
_MODEL = [("model", pa.string()), ("version", pa.string())]
_NUMBER, _COUNT, _TEXT = pa.float64(), pa.int64(), pa.string()
_END = [("status", _TEXT), ("reason", _TEXT)]

ESTIMATES = FactTable(
    name="offpolicy_estimates",
    schema=pa.schema(
        [
            *_RUN,
            *_MODEL,
            ("dataset", _TEXT),
            ("estimator", _TEXT),
            ("n", _COUNT),
            *((name, _NUMBER) for name in ("ess", "value", "error", "lower", "upper", "logged")),
            *((name, _NUMBER) for name in ("effect", "effect_error", "p_value", "q_value")),
            ("rewarded", _COUNT),
            *((name, _NUMBER) for name in ("mean_weight", "max_weight", "unweighted", "clipped")),
            ("uncovered", _NUMBER),
            ("verdict", _TEXT),
            *_END,
        ]
    ),
    summary="A row per model and estimator: what another policy would have earned.",
    part="estimator",
    offered="estimator",
)

LOOKS = FactTable(
    name="ab_tests",
    schema=pa.schema(
        [
            *_RUN,
            *_MODEL,
            ("experiment", _TEXT),
            ("dataset", _TEXT),
            ("looks", _COUNT),
            ("base", _NUMBER),
            *((f"control_{name}", _NUMBER) for name in ("n", "successes")),
            *((f"treatment_{name}", _NUMBER) for name in ("n", "successes")),
            ("switched", _COUNT),
            *((name, _NUMBER) for name in ("ratio_p_value", "ratio_q_value")),
            *((name, _NUMBER) for name in ("effect", "lower", "upper", "e_value", "p_value")),
            ("verdict", _TEXT),
            ("decided", _COUNT),
            ("log_e", pa.list_(pa.float64())),
            *_END,
        ]
    ),
    summary="A row per model and look at an A/B test: what is known by then.",
)
