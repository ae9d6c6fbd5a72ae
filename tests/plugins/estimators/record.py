"""Ask NannyML's CBPE for its estimates, and write them to `recorded.json` beside this file.

It needs an environment of its own, that of `../compat/requirements.txt`:

    python -m venv peers
    peers/bin/pip install -r tests/plugins/compat/requirements.txt
    peers/bin/python tests/plugins/estimators/record.py

The rows are drawn here and recorded with the answers, so that the test asks about the same.
NannyML calibrates only where that helps on a part of the reference; `calibrated` says whether it
did, and the cases are such that it does.
"""

import json
import logging
import os
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SEED = 20261126
METRICS = {
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "specificity": "specificity",
    "f1": "f1",
    "roc_auc": "auc",
}
CASES = {
    "overconfident": (2.0, 0.5, 0.0),
    "overconfident, moved down": (2.0, 0.5, -1.0),
    "timid": (0.4, -0.3, 0.0),
    "timid, moved up": (0.4, -0.3, 0.6),
}
"""Slope and offset of the scores' logits, and how far those of the current rows have moved."""


def rows(generator, many, slope, offset, moved):
    """Scores of three digits, so that there are ties, and labels that they do not quite tell."""
    logit = generator.normal(moved, 1.5, many)
    label = (generator.uniform(size=many) < 1 / (1 + np.exp(-logit))).astype(int)
    score = (1 / (1 + np.exp(-slope * logit - offset))).round(3)
    return {"score": score.tolist(), "label": label.tolist()}


def estimates(before, after):
    """NannyML's estimates for the current rows as one chunk, and whether it calibrated."""
    import pandas as pd
    from nannyml import CBPE

    frames = [pd.DataFrame(side) for side in (before, after)]
    for frame in frames:
        frame["said"] = (frame["score"] >= 0.5).astype(int)
    estimator = CBPE(
        problem_type="classification_binary",
        y_true="label",
        y_pred="said",
        y_pred_proba="score",
        metrics=list(METRICS),
        chunk_number=1,
    )
    estimator.fit(frames[0])
    found = estimator.estimate(frames[1].drop(columns="label"))
    found = found.filter(period="analysis").to_df()
    values = {ours: float(found[theirs, "value"].iloc[0]) for theirs, ours in METRICS.items()}
    return {"calibrated": bool(estimator.needs_calibration), "values": values}


def main():
    os.environ |= {"DO_NOT_TRACK": "1", "NML_DISABLE_USAGE_LOGGING": "1"}
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    generator, cases = np.random.default_rng(SEED), {}
    for name, (slope, offset, moved) in CASES.items():
        before = rows(generator, 600, slope, offset, 0.0)
        after = rows(generator, 500, slope, offset, moved)
        cases[name] = {"reference": before, "current": after, **estimates(before, after)}
    libraries = ("nannyml", "numpy", "pandas", "scikit-learn")
    recorded = {"versions": {name: version(name) for name in libraries}, "cases": cases}
    (HERE / "recorded.json").write_text(json.dumps(recorded) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
