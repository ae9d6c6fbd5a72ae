"""The same models checked by Evidently's DataDriftPreset; run by its own interpreter.

It takes the folder of the data and how many models, and prints one JSON document.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def main(folder: Path, models: int) -> None:
    sides = [
        pd.read_parquet(next(iter(sorted((folder / role).glob("*.parquet")))))
        for role in ("current", "reference")
    ]
    names = sides[0]["model"].unique()[: models + 1]
    spent = []
    for name in names:
        current, reference = (side[side["model"] == name].drop(columns="model") for side in sides)
        started = time.perf_counter()
        Report([DataDriftPreset()]).run(current, reference)
        spent.append(time.perf_counter() - started)
    # the first call imports what the others use
    print(json.dumps({"version": version("evidently"), "seconds": sum(spent[1:]) / models}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
