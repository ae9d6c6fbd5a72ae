"""Ask Evidently and NannyML for their numbers, and write them to `recorded.json` beside this file.

They need an environment of their own, because neither works with what argosy does:

    python -m venv peers
    peers/bin/pip install -r tests/plugins/compat/requirements.txt
    PYTHONHASHSEED=0 peers/bin/python tests/plugins/compat/record.py

Each number comes through the library's public way in: a report with one `ValueDrift`, and a
`UnivariateDriftCalculator` whose analysis is one chunk. A p-value that NannyML keeps to itself is
taken from the method that has just computed it. Null stands for NaN and infinity; where the library
raised, `error` says what.
"""

import json
import logging
import math
import os
import runpy
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
EVIDENTLY = {
    "psi": "psi",
    "jensen_shannon": "jensenshannon",
    "wasserstein": "wasserstein",
    "chi_squared": "chisquare",
    "ks": "ks",
    "hellinger": "hellinger",
}
NANNYML = {
    "numeric": ("jensen_shannon", "wasserstein", "kolmogorov_smirnov", "hellinger"),
    "categorical": ("jensen_shannon", "chi2", "hellinger", "l_infinity"),
}
NUMERIC_ONLY, CATEGORICAL_ONLY = {"wasserstein", "ks"}, {"chi_squared"}


def frame(kind, side):
    """The column as a user would have it: NaN or None where missing, integers as integers."""
    import pandas as pd

    if kind == "numeric":
        whole = all(isinstance(value, int) for value in side)
        return pd.DataFrame({"x": pd.Series(side, dtype="int64" if whole else "float64")})
    rows = [name for name, count in side.items() for _ in range(count)]
    return pd.DataFrame({"x": pd.Series(rows, dtype=object)})


def number(value):
    return float(value) if math.isfinite(value) else None


def evidently(kind, before, after, method):
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    columns = {"numerical_columns" if kind == "numeric" else "categorical_columns": ["x"]}
    sides = [Dataset.from_pandas(side, DataDefinition(**columns)) for side in (before, after)]
    try:
        ran = Report([ValueDrift(column="x", method=EVIDENTLY[method])]).run(sides[1], sides[0])
        score = ran.dict()["metrics"][0]["value"]
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    # for these two tests the score of Evidently is the p-value
    return {"p_value" if method in ("ks", "chi_squared") else "statistic": number(score)}


def nannyml(kind, before, after, method):
    from nannyml import UnivariateDriftCalculator

    continuous = kind == "numeric"
    try:
        calculator = UnivariateDriftCalculator(
            column_names=["x"],
            treat_as_numerical=["x"] if continuous else [],
            treat_as_categorical=[] if continuous else ["x"],
            chunk_number=1,
            **{"continuous_methods" if continuous else "categorical_methods": [method]},
        )
        calculator.fit(before)
        found = calculator.calculate(after).filter(period="analysis").to_df()
        answer = {"statistic": number(found["x", method, "value"].iloc[0])}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    if method == "chi2" and answer["statistic"] is not None:  # not after a chunk without values
        answer["p_value"] = number(calculator._column_to_models_mapping["x"][0]._p_value)
    return answer


def main():
    os.environ |= {"DO_NOT_TRACK": "1", "NML_DISABLE_USAGE_LOGGING": "1"}
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    answers = {}
    for name, (kind, *sides) in runpy.run_path(str(HERE / "cases.py"))["cases"]().items():
        other = CATEGORICAL_ONLY if kind == "numeric" else NUMERIC_ONLY
        before, after = (frame(kind, side) for side in sides)
        answers[name] = {
            f"evidently:{method}": evidently(kind, before.copy(), after.copy(), method)
            for method in EVIDENTLY
            if method not in other
        } | {
            f"nannyml:{method}": nannyml(kind, before.copy(), after.copy(), method)
            for method in NANNYML[kind]
        }
        print(name, file=sys.stderr)
    libraries = ("evidently", "nannyml", "numpy", "pandas", "scipy")
    recorded = {"versions": {name: version(name) for name in libraries}, "answers": answers}
    text = json.dumps(recorded, indent=1, ensure_ascii=False)
    (HERE / "recorded.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
