"""What alerts have in common is their cause."""

import polars as pl
import pytest

from argosy_drift.causes import caused

UNITS = pl.DataFrame(
    [(f"m{number}", f"t{number // 10}", [f"s{number // 20}", "all"]) for number in range(40)],
    schema={"model": pl.String, "template": pl.String, "upstream": pl.List(pl.String)},
    orient="row",
)


def causes(*alerts):
    schema = {"model": pl.String, "column": pl.String}
    told = caused(pl.DataFrame(alerts, schema=schema, orient="row"), UNITS)
    return set(told.select("kind", "cause").rows())


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        ([(f"m{number}", "age") for number in range(30)], {("feature", "age")}),
        ([("m0", "age"), ("m39", "size")], {("model", "m0"), ("model", "m39")}),
        (
            [(f"m{number}", f"own_{number}") for number in range(6)],
            {("template", "t0")},
        ),
        (
            [(f"m{number}", column) for number in range(15) for column in ("age", "size")],
            {("upstream", "s0")},
        ),
        (
            [(f"m{number}", column) for number in range(15) for column in ("age", "size")]
            + [("m30", "age"), ("m31", "age"), ("m35", "odd")],
            {("upstream", "s0"), ("feature", "age"), ("model", "m35")},
        ),
        ([], set()),
    ],
)
def test_what_alerts_have_in_common_is_the_cause(alerts, expected):
    assert causes(*alerts) == expected
