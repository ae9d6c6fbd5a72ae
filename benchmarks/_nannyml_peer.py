"""What NannyML's CBPE takes per model; run by the environment of `make peers`."""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import nannyml
import pandas as pd

MODELS = 3

frame = pd.read_parquet(min(Path(sys.argv[1]).glob("*.parquet")))
frame["said"] = (frame["score"] >= 0.5).astype(int)
parts = [part for _, part in list(frame.groupby("model"))[:MODELS]]
started = time.perf_counter()
for part in parts:
    estimator = nannyml.CBPE(
        problem_type="classification_binary",
        y_true="label",
        y_pred="said",
        y_pred_proba="score",
        metrics=["roc_auc", "accuracy", "precision", "recall", "specificity", "f1"],
        chunk_number=1,
    )
    estimator.fit(part)
    estimator.estimate(part)
spent = (time.perf_counter() - started) / len(parts)
print(json.dumps({"version": version("nannyml"), "seconds": spent}))
