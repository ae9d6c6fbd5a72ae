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
            *((name, _NUMBER) for name in ("uncovered", "worth", "even_rows")),
            ("clusters", _COUNT),
            ("even_clusters", _NUMBER),
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
            *((name, _COUNT) for name in ("switched", "clusters")),
            *((name, _NUMBER) for name in ("even_clusters", "effect_error")),
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

REVENUES = FactTable(
    name="ab_revenues",
    schema=pa.schema(
        [
            *_RUN,
            *_MODEL,
            ("experiment", _TEXT),
            ("dataset", _TEXT),
            *((f"control_{name}", _NUMBER) for name in ("n", "total", "squares")),
            *((f"treatment_{name}", _NUMBER) for name in ("n", "total", "squares")),
            *((name, _COUNT) for name in ("switched", "clusters")),
            *((name, _NUMBER) for name in ("even_clusters", "effect_error")),
            *((name, _NUMBER) for name in ("ratio_p_value", "ratio_q_value")),
            *((name, _NUMBER) for name in ("control", "treatment", "effect", "lower", "upper")),
            ("e_value", _NUMBER),
            ("verdict", _TEXT),
            *_END,
        ]
    ),
    summary="A row per model and look at an A/B test: what a customer is worth in either group.",
)

ARMS = FactTable(
    name="bandit_arms",
    schema=pa.schema(
        [
            *_RUN,
            *_MODEL,
            ("experiment", _TEXT),
            ("dataset", _TEXT),
            ("arm", _TEXT),
            ("plays", _COUNT),
            ("wins", _COUNT),
            *((f"remembered_{name}", _NUMBER) for name in ("wins", "losses")),
            ("clusters", _COUNT),
            ("worth", _NUMBER),
            ("propensity", _NUMBER),
            *_END,
        ]
    ),
    summary="A row per model and arm of a bandit: what is known of it, and how often it is chosen.",
    part="arm",
)

REPLAYS = FactTable(
    name="bandit_replays",
    schema=pa.schema(
        [
            *_RUN,
            *_MODEL,
            ("dataset", _TEXT),
            *((name, _COUNT) for name in ("n", "arms", "matched", "wins")),
            *((name, _NUMBER) for name in ("logged", "rate", "late_rate")),
            *_END,
        ]
    ),
    summary="A row per model: what a bandit would have earned on the log of random choices.",
)
