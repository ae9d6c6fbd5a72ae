"""Why models failed, in as few rows as a person reads."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from argosy_cli.reasons import FEW, grouped


def lost(reasons):
    names = [f"m{place}" for place in range(len(reasons))]
    return pl.DataFrame(
        {"model": names, "version": ["1"] * len(names), "reason": reasons},
        schema_overrides={"reason": pl.String},
    )


@given(st.lists(st.sampled_from(["no rows", "no column 'x'", "no column 'y'"]), min_size=1))
def test_every_model_is_counted_under_its_own_reason(reasons):
    told = grouped(lost(reasons))

    assert dict(told.select("reason", "models").rows()) == {
        reason: reasons.count(reason) for reason in reasons
    }
    assert told["models"].is_sorted(descending=True)


def test_reasons_that_differ_in_names_alone_are_one_where_there_are_many():
    files = [f"cannot read /data/{place}.parquet: No such file" for place in range(FEW + 1)]
    told = grouped(lost([*files, "no rows"]))

    assert told.select("models", "reason").rows() == [(FEW + 1, files[0]), (1, "no rows")]
    assert told["such_as"].to_list()[0] == ["m0", "m1", "m2", "m3", "m4"]
