"""The real tables the demo trains on, as scikit-learn carries them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    Array = NDArray[Any]

ROLES = ("reference", "holdout", "current")
"""The windows of every model: trained on, judged on, compared with the first."""


@dataclass(frozen=True, slots=True)
class Template:
    """One data set from which many models are made."""

    name: str
    """The template of its models, and the start of their names."""
    task: str
    """What its models predict."""
    purpose: str
    """What its models are for, in one line."""
    team: str
    """Who answers for them."""
    category: str
    """The one categorical feature, which every model uses."""
    numeric: tuple[str, ...]
    """The numeric features to choose from."""
    rows: pl.DataFrame
    """Distinct rows: `row` (where it stands in the original), the features, `target`."""
    windows: Mapping[str, int]
    """Rows of each role."""


@cache
def load() -> tuple[Template, ...]:
    """Load the four data sets, each with one categorical feature made of its real columns.

    * breast-cancer (569 rows, binary): `size_band` from `worst_area`, cut at 500 and 1,300;
    * wine (178 rows, three classes): `colour_band` from `color_intensity`, cut at 3 and 7;
    * diabetes (442 rows, regression): `sex` as the original codes it, "1" or "2";
    * digits (1,797 rows, ten classes): `inkiest` quadrant, the first of equals, and of the
      pixels the four inner columns, which vary in every digit.

    Digits lends each model 300, 200 and 200 rows, the others 40 %, 30 % and 30 % of theirs.

    Source: the data sets of `sklearn.datasets`, which are copies of UCI repository tables
    (breast cancer, wine, digits) and of Efron et al., "Least Angle Regression", 2004 (diabetes).

    Example:
        >>> [(template.name, template.rows.height) for template in load()]
        [('breast-cancer', 569), ('wine', 178), ('diabetes', 442), ('digits', 1797)]
    """
    return (_breast_cancer(), _wine(), _diabetes(), _digits())


def _breast_cancer() -> Template:
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    names = [name.replace(" ", "_") for name in bunch.feature_names]
    rows = _frame(bunch.data, names, bunch.target).with_columns(
        size_band=_band("worst_area", (500, 1_300), ("small", "medium", "large"))
    )
    return _template(
        "breast-cancer", "binary", "Tell benign from malignant cells.", "screening", rows
    )


def _wine() -> Template:
    from sklearn.datasets import load_wine

    bunch = load_wine()
    names = [name.replace("/", "_") for name in bunch.feature_names]
    rows = _frame(bunch.data, names, bunch.target).with_columns(
        colour_band=_band("color_intensity", (3, 7), ("pale", "medium", "deep"))
    )
    return _template("wine", "multiclass", "Name the cultivar of a wine.", "cellar", rows)


def _diabetes() -> Template:
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    names = ["age", "sex_code", "bmi", "blood_pressure", "total_cholesterol", "ldl", "hdl"]
    names += ["cholesterol_ratio", "log_triglycerides", "glucose"]
    rows = _frame(bunch.data, names, bunch.target).with_columns(
        sex=pl.col("sex_code").cast(pl.Int64).cast(pl.String)
    )
    return _template(
        "diabetes", "regression", "Foresee the disease a year on.", "risk", rows.drop("sex_code")
    )


def _digits() -> Template:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    halves = (range(4), range(4, 8))
    ink = {
        f"{vertical}_{horizontal}": pl.sum_horizontal(
            f"pixel_{row}_{column}" for row in across for column in down
        )
        for vertical, across in zip(("upper", "lower"), halves, strict=True)
        for horizontal, down in zip(("left", "right"), halves, strict=True)
    }
    inkiest = pl.concat_list(ink.values()).list.arg_max()
    rows = _frame(bunch.data, bunch.feature_names, bunch.target).with_columns(
        inkiest=inkiest.replace_strict(dict(enumerate(ink)), return_dtype=pl.String)
    )
    margins = [f"pixel_{row}_{column}" for row in range(8) for column in (0, 1, 6, 7)]
    return _template(
        "digits",
        "multiclass",
        "Read a handwritten digit.",
        "vision",
        rows.drop(margins),
        windows=(300, 200, 200),
    )


def _frame(data: Array, names: Sequence[str], target: Array) -> pl.DataFrame:
    """Put features and target side by side, each row with its number in the original."""
    return (
        pl.DataFrame(data, schema=names)
        .with_columns(target=pl.Series(target))
        .with_row_index("row")
    )


def _band(column: str, cuts: tuple[float, float], labels: tuple[str, str, str]) -> pl.Expr:
    """Name the band a value falls in; a value on a cut belongs to the band above."""
    value, (low, high) = pl.col(column), cuts
    below, between, above = map(pl.lit, labels)
    return pl.when(value < low).then(below).when(value < high).then(between).otherwise(above)


def _template(
    name: str,
    task: str,
    purpose: str,
    team: str,
    rows: pl.DataFrame,
    windows: tuple[int, int, int] | None = None,
) -> Template:
    """Complete a template: its last column is the categorical feature."""
    *numeric, category = (column for column in rows.columns if column not in {"row", "target"})
    rows = rows.unique(subset=[*numeric, category, "target"], keep="first", maintain_order=True)
    held = rows.height * 3 // 10
    sizes = windows or (rows.height - 2 * held, held, held)
    counts = dict(zip(ROLES, sizes, strict=True))
    return Template(name, task, purpose, team, category, tuple(numeric), rows, counts)
