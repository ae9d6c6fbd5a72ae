"""Which models other tools flag; run by the interpreter that has them.

It takes the folder of a setting's `reference.parquet` and `current.parquet`, and prints one JSON
document: of each tool its version, how many models were looked at, and the names it flags. Every
tool is used as its own documentation begins, with its defaults.
"""

import json
import os
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pandas as pd

warnings.simplefilter("ignore")
os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
Sides = tuple[pd.DataFrame, pd.DataFrame]


def evidently(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    """Whether any column has drifted; the preset's own bar is half of the columns."""
    from evidently import Report
    from evidently.presets import DataDriftPreset

    told = Report([DataDriftPreset()]).run(after, before).dict()
    [counted] = [
        metric["value"]
        for metric in told["metrics"]
        if metric["metric_name"].startswith("DriftedColumnsCount")
    ]
    return counted["count"] > 0


def nannyml(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    """Whether any column alerts in any of ten chunks."""
    import nannyml

    names = list(before.columns)
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=names,
        treat_as_categorical=[name for name in names if before[name].dtype == "object"],
        chunk_number=10,
    )
    found = calculator.fit(before).calculate(after).filter(period="analysis").to_df()
    return bool(found.xs("alert", axis=1, level=2).to_numpy().any())


def river(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    """Whether ADWIN, which has read the reference, finds a change in any numeric column."""
    from river.drift import ADWIN

    for name in before.select_dtypes("number"):
        detector = ADWIN()
        for value in before[name].dropna():
            detector.update(value)
        for value in after[name].dropna():
            detector.update(value)
            if detector.drift_detected:
                return True
    return False


def alibi_detect(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    """Whether its tests of columns, Bonferroni over them, find drift at 5 %."""
    from alibi_detect.cd import TabularDrift

    of_text = [place for place, kind in enumerate(before.dtypes) if kind == "object"]
    sides = [side.apply(_coded).to_numpy(float) for side in (before, after)]
    keep = ~pd.isna(sides[0]).any(axis=1), ~pd.isna(sides[1]).any(axis=1)
    detector = TabularDrift(
        sides[0][keep[0]], p_val=0.05, categories_per_feature=dict.fromkeys(of_text)
    )
    return bool(detector.predict(sides[1][keep[1]])["data"]["is_drift"])


def _coded(column: pd.Series) -> pd.Series:
    return column.astype(float) if column.dtype == "object" else column


TOOLS: dict[str, tuple[str, Callable[[pd.DataFrame, pd.DataFrame], bool]]] = {
    "Evidently": ("evidently", evidently),
    "NannyML": ("nannyml", nannyml),
    "River": ("river", river),
    "alibi-detect": ("alibi-detect", alibi_detect),
}


def main(folder: Path, models: int, names: list[str]) -> None:
    both = [pd.read_parquet(folder / f"{role}.parquet") for role in ("reference", "current")]
    told = {}
    parts = [
        {
            name: part.drop(columns=["model", "time"]).reset_index(drop=True)
            for name, part in side.groupby("model", sort=True)
        }
        for side in both
    ]
    looked = sorted(parts[0])[:models]
    for tool in names:
        package, flags = TOOLS[tool]
        flagged = [name for name in looked if flags(parts[0][name], parts[1][name])]
        told[tool] = {"version": version(package), "looked": looked, "flagged": flagged}
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
