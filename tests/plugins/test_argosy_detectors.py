"""The detectors agree with SciPy, answer every odd column, and stay quiet on clean ones."""

from __future__ import annotations

import subprocess
import sys
from math import log
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import chdtrc, kolmogorov

import argosy_detectors
from argosy.testing.detectors import DetectorSuite
from argosy_detectors import (
    chi_squared,
    jensen_shannon,
    ks,
    l_infinity,
    nulls,
    out_of_range,
    psi,
    unseen,
    vanished,
    wasserstein,
)
from argosy_detectors.buckets import Buckets, heads, levels, pooled_levels
from argosy_detectors.counts import deciles
from argosy_detectors.fisher import fisher
from argosy_detectors.sweep import swept

INFINITY = float("inf")
COLUMNS = ["statistic", "effect", "p_value", "p_method", "reason"]
quick = settings(max_examples=60)


def numeric(*pairs):
    """A table of one row per pair of lists, as the core hands it over."""
    before, after = (
        [np.sort(np.asarray(side, float)) for side in sides] for sides in zip(*pairs, strict=True)
    )
    return counted(before, after, reference=pa.array(before), current=pa.array(after))


def categorical(*pairs):
    """A table of one row per pair of lists of counts."""
    before, after = zip(*pairs, strict=True)
    names = [[f"level {i:02}" for i in range(len(counts))] for counts in before]
    return counted(
        [np.zeros(sum(counts)) for counts in before],
        [np.zeros(sum(counts)) for counts in after],
        categories=pa.array(names, pa.list_(pa.string())),
        ref_counts=pa.array(before, pa.list_(pa.int64())),
        cur_counts=pa.array(after, pa.list_(pa.int64())),
    )


def counted(before, after, **lists):
    rows = len(before)
    return pa.table(
        {
            "model": [f"m{i}" for i in range(rows)],
            "version": ["1"] * rows,
            "column": ["x"] * rows,
            "n_ref": pa.array([len(side) + i % 3 for i, side in enumerate(before)], pa.int64()),
            "n_cur": pa.array([len(side) + i % 5 for i, side in enumerate(after)], pa.int64()),
            "null_ref": pa.array([i % 3 for i in range(rows)], pa.int64()),
            "null_cur": pa.array([i % 5 for i in range(rows)], pa.int64()),
            **lists,
        }
    )


def missing(*quadruples):
    """A table of (n_ref, null_ref, n_cur, null_cur) rows."""
    n, null, m, other = (np.array(side, np.int64) for side in zip(*quadruples, strict=True))
    return pa.table({"n_ref": n, "null_ref": null, "n_cur": m, "null_cur": other})


def rows_of(table):
    return [tuple(row[name] for name in COLUMNS) for row in table.to_pylist()]


def only(table):
    (row,) = table.to_pylist()
    return row


def some_numeric(rows=40, seed=1):
    rng = np.random.default_rng(seed)
    draws = [
        lambda k: rng.normal(size=k),
        lambda k: rng.integers(0, 4, k),
        lambda k: rng.choice([-INFINITY, 0, 1, INFINITY], k),
    ]
    return numeric(
        *(
            (draws[i % 3](rng.integers(1, 150)), draws[i % 3](rng.integers(1, 150)) + i % 2)
            for i in range(rows)
        ),
        ([], [1.0]),
        ([1.0], []),
        ([], []),
    )


def some_categorical(rows=40, seed=1):
    rng = np.random.default_rng(seed)
    pairs = []
    for i in range(rows):
        shares = rng.dirichlet(np.full(i % 7 + 1, 0.7))
        sizes = rng.integers(1, 400, 2)
        pairs.append([rng.multinomial(size, shares).tolist() for size in sizes])
    return categorical(*pairs, ([0, 0], [1, 2]), ([3, 1], [0, 0]), ([], []))


NUMERIC = (ks, psi, jensen_shannon, wasserstein, out_of_range, nulls)
CATEGORICAL = (psi, jensen_shannon, chi_squared, l_infinity, unseen, vanished, nulls)
EVERY = [
    pytest.param(one.DETECTOR, table, id=f"{one.DETECTOR.name}, {kind}")
    for kind, ones, table in (
        ("numeric", NUMERIC, some_numeric()),
        ("categorical", CATEGORICAL, some_categorical()),
    )
    for one in ones
]


# Every detector


def test_the_battery_and_its_floors():
    """Users type these names, and alerts depend on these floors."""
    offered = argosy_detectors.argosy_detectors()
    both = {"numeric", "categorical"}

    assert {
        "ks": (0.1, {"numeric"}),
        "psi": (0.1, both),
        "jensen_shannon": (0.1, both),
        "wasserstein": (0.1, {"numeric"}),
        "chi_squared": (0.1, {"categorical"}),
        "l_infinity": (0.1, {"categorical"}),
        "unseen": (0.01, {"categorical"}),
        "vanished": (0.05, {"categorical"}),
        "nulls": (0.05, both),
        "out_of_range": (0.01, {"numeric"}),
    } == {one.name: (one.floor, one.kinds) for one in offered if one.default}


def test_the_guide_has_a_heading_for_every_detector():
    """A detector nobody can read about does not exist."""
    guide = Path(argosy_detectors.__file__).with_name("README.md").read_text("utf-8")
    headings = [line for line in guide.splitlines() if line.startswith("## ")]

    offered = [one.name for one in argosy_detectors.argosy_detectors() if one.default]

    assert {f"## {name}" for name in offered} <= set(headings)


def test_importing_the_plugin_imports_no_heavy_library():
    """Every command of the program imports every plugin."""
    code = """
        import sys, argosy
        before = set(sys.modules)
        import argosy_detectors
        new = {name.split(".")[0] for name in set(sys.modules) - before}
        assert new == {"argosy_detectors"}, new
        list(argosy_detectors.argosy_detectors())
        assert not {"scipy", "numba"} & set(sys.modules)
    """
    ran = python(code)

    assert (0, "") == (ran.returncode, ran.stderr)


def test_the_battery_never_imports_scipy_stats():
    """It costs a second and 50 megabytes in every worker."""
    code = """
        import sys, argosy_detectors, numpy as np, pyarrow as pa
        x = np.arange(1000.0)
        table = pa.table({
            "reference": [x, x], "current": [x + 120.0, x + 900.0], "ref_counts": [[5, 9], [2, 8]],
            "cur_counts": [[7, 7], [80, 20]], "n_ref": [9, 9], "null_ref": [1, 2],
            "n_cur": [9, 9], "null_cur": [3, 4],
        })
        numeric = table.drop(["ref_counts", "cur_counts"])
        categorical = table.drop(["reference", "current"])
        for detector in argosy_detectors.argosy_detectors():
            if detector.default:
                for kind in detector.kinds:
                    detector.measure(numeric if kind == "numeric" else categorical)
        assert "scipy.stats" not in sys.modules
    """
    ran = python(code)

    assert (0, "") == (ran.returncode, ran.stderr)


def python(code):
    lines = "\n".join(line.removeprefix(" " * 8) for line in code.splitlines())
    return subprocess.run(
        [sys.executable, "-c", lines], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("detector", "table"), EVERY)
def test_an_empty_table_has_an_empty_answer(detector, table):
    """A chunk may hold no column of a kind, whatever types its lists then have."""
    untyped = pa.table({name: pa.nulls(0) for name in table.column_names})
    expected = [("statistic", "double"), ("effect", "double"), ("p_value", "double")]
    expected += [("p_method", "string"), ("reason", "string")]

    for empty in (table.slice(0, 0), table.schema.empty_table(), untyped):
        found = detector.measure(empty)
        assert expected == [(field.name, str(field.type)) for field in found.schema]
        assert 0 == found.num_rows


@pytest.mark.parametrize(("detector", "table"), EVERY)
def test_how_the_rows_are_stored_changes_nothing(detector, table):
    """Slices, chunks and large lists hold the same rows."""
    expected = rows_of(detector.measure(table))
    padded = pa.concat_tables([table.slice(3, 2), table, table.slice(1, 1)])
    sliced = padded.combine_chunks().slice(2, table.num_rows)
    chunked = pa.concat_tables([table.slice(0, 7), table.slice(7, 0), table.slice(7)])
    large = table.cast(
        pa.schema(
            field.with_type(pa.large_list(field.type.value_type))
            if pa.types.is_list(field.type)
            else field
            for field in table.schema
        )
    )

    assert expected == rows_of(detector.measure(sliced))
    assert expected == rows_of(detector.measure(chunked))
    assert expected == rows_of(detector.measure(large))


@pytest.mark.parametrize(("detector", "table"), EVERY)
@quick
@given(data=st.data())
def test_each_row_is_answered_as_if_it_were_alone(detector, table, data):
    """Neither the order nor the company of the rows matters."""
    expected = rows_of(detector.measure(table))
    picked = data.draw(st.lists(st.integers(0, table.num_rows - 1), max_size=12))
    found = rows_of(detector.measure(table.take(pa.array(picked, pa.int64()))))

    for row, answer in zip(picked, found, strict=True):
        # Vectorised logarithms differ in the last digit by their place in the vector.
        assert expected[row][3:] == answer[3:]
        assert expected[row][4] or expected[row][:3] == pytest.approx(answer[:3], rel=1e-9)


@pytest.mark.parametrize(("detector", "table"), EVERY)
def test_defined_answers_are_numbers_in_range(detector, table):
    """No column, however odd, gives NaN or a probability above one."""
    for row in detector.measure(table).to_pylist():
        if row["reason"] is None:
            assert 0 <= row["p_value"] <= 1
            assert 0 <= row["effect"] < INFINITY
            assert 0 <= row["statistic"] < INFINITY
            assert row["p_method"] is not None


@pytest.mark.parametrize(
    ("detector", "table"),
    [
        *((one, numeric(([], [1]), ([1], []), ([], []))) for one in NUMERIC[:-1]),
        *(
            (one, categorical(([0, 0], [1, 2]), ([3, 1], [0, 0]), ([], [])))
            for one in CATEGORICAL[:-1]
        ),
    ],
)
def test_an_empty_side_is_undefined_and_says_which(detector, table):
    """All values may be missing; that is a matter for `nulls`."""
    reasons = ["no reference values", "no current values", "no reference values"]

    assert [(None, None, None, None, reason) for reason in reasons] == rows_of(
        detector.measure(table)
    )


@pytest.mark.parametrize("detector", NUMERIC[:-1])
def test_a_null_list_counts_as_an_empty_one(detector):
    """A join that found no rows leaves null behind."""
    table = pa.table(
        {"reference": pa.array([None, [1.0, 2.0]], pa.list_(pa.float64())), "current": [[1.0]] * 2}
    )

    assert ["no reference values", None] == detector.measure(table)["reason"].to_pylist()


def clean(n, m, rows=4000):
    """Rows of a fleet in which nothing drifts, by kind."""
    rng = np.random.default_rng(20)
    before, after = rng.normal(size=(rows, n)), rng.normal(size=(rows, m))
    shares = 1 / np.arange(1, 13) / (1 / np.arange(1, 13)).sum()
    levels = rng.multinomial(n, shares, rows), rng.multinomial(m, shares, rows)
    gaps = rng.binomial(n, 0.2, rows), rng.binomial(m, 0.2, rows)
    values = pa.table({"reference": list(np.sort(before)), "current": list(np.sort(after))})
    counts = pa.table({"ref_counts": list(levels[0]), "cur_counts": list(levels[1])})
    return values, counts, missing(*([n, x, m, y] for x, y in zip(*gaps, strict=True)))


@pytest.mark.parametrize("sizes", [(120, 120), (300, 60)])
def test_false_alarms_are_as_rare_as_the_p_value_says(sizes):
    """Thousands of clean columns are tested at once: the tail must not be too heavy."""
    values, counts, holes = clean(*sizes)
    cases = [(one, values) for one in NUMERIC[:-1]] + [(one, counts) for one in CATEGORICAL[:-1]]
    cautious = {"l_infinity", "unseen", "vanished", "out_of_range"}  # at most, by their making
    for detector, table in [*cases, (nulls, holes)]:
        p = detector.measure(table)["p_value"].to_numpy()

        assert (p < 0.05).mean() < 0.06, detector.DETECTOR.name
        assert (p < 0.001).mean() <= 0.002, detector.DETECTOR.name
        if detector.DETECTOR.name not in cautious:
            assert (p < 0.05).mean() > 0.02, detector.DETECTOR.name
            assert 0.45 < p.mean() < 0.65, detector.DETECTOR.name


# ks


def test_ks_agrees_with_scipy():
    """Same statistic everywhere, same p-value wherever it says exact."""
    table = some_numeric(300, seed=2).slice(0, 300)
    found = ks.measure(table).to_pylist()
    exact = 0
    for row, answer in zip(table.to_pylist(), found, strict=True):
        expected = stats.ks_2samp(row["reference"], row["current"])
        assert expected.statistic == pytest.approx(answer["statistic"], abs=1e-12)
        if answer["p_method"] == "exact":
            exact += 1
            assert expected.pvalue == pytest.approx(answer["p_value"], abs=1e-12)
        else:
            pairs, both = row_sizes(row)
            limit = kolmogorov((pairs / both) ** 0.5 * expected.statistic)
            assert limit == pytest.approx(answer["p_value"], rel=1e-9)
            assert limit >= 0.2 or limit <= 1e-9 or answer["effect"] < 0.1

    assert exact > 50


def row_sizes(row):
    n, m = len(row["reference"]), len(row["current"])
    return n * m, n + m


@pytest.mark.parametrize(
    ("size", "shift", "method"),
    [(1000, 30, "limit"), (1000, 60, "limit"), (1000, 120, "exact"), (1000, 900, "limit")],
)
def test_ks_is_exact_where_that_can_change_a_verdict(size, shift, method):
    """Below the floor nothing alerts; far in the tail the limit is small enough."""
    values = np.arange(size)

    assert method == only(ks.measure(numeric((values, values + shift))))["p_method"]


@quick
@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30),
    shifts=st.lists(st.floats(0, 1e3), min_size=2, max_size=6),
)
def test_ks_grows_with_the_shift(values, shifts):
    """The further a column moves, the larger the effect."""
    table = numeric(*((values, np.array(values) + shift) for shift in sorted(shifts)))
    effects = ks.measure(table)["effect"].to_pylist()

    assert sorted(effects) == effects


@quick
@given(
    reference=st.lists(st.sampled_from([-INFINITY, -1.0, -0.0, 0.0, 2.0, INFINITY]), min_size=1),
    current=st.lists(st.sampled_from([-INFINITY, -1.0, -0.0, 0.0, 2.0, INFINITY]), min_size=1),
)
def test_ks_takes_ties_and_infinities_as_they_are(reference, current):
    """Infinities are extreme values, and both zeros are one."""
    distances = [
        abs(np.mean(np.array(reference) <= x) - np.mean(np.array(current) <= x))
        for x in reference + current
    ]

    assert max(distances) == pytest.approx(
        only(ks.measure(numeric((reference, current))))["effect"], abs=1e-12
    )


@pytest.mark.parametrize("detector", [ks, psi])
@pytest.mark.parametrize("value", [0.0, 7.5, INFINITY, -INFINITY])
def test_a_constant_column_has_not_drifted(detector, value):
    """Other libraries answer NaN here, which hides or raises alarms."""
    answer = only(detector.measure(numeric(([value] * 30, [value] * 20))))

    assert (0.0, 1.0, None) == (answer["effect"], answer["p_value"], answer["reason"])


def test_one_row_a_side_is_enough_for_an_answer():
    """New models have few rows; their p-value says so."""
    table = numeric(([1.0], [2.0]), ([1.0], [1.0]), ([1.0] * 5, [2.0]))

    assert [1.0, 0.0, 1.0] == ks.measure(table)["effect"].to_pylist()
    assert min(ks.measure(table)["p_value"].to_pylist()) > 0.2
    assert [1.0, 1.0, 1.0] == psi.measure(table)["p_value"].to_pylist()


# psi


def index_by_definition(reference, current):
    """PSI in the words of the guide, one value at a time."""
    n, m = sum(reference), sum(current)
    half = len(reference) / 2
    shares = [
        ((r + 0.5) / (n + half), (c + 0.5) / (m + half))
        for r, c in zip(reference, current, strict=True)
    ]
    return sum((q - p) * log(q / p) for p, q in shares)


def deciles_by_definition(reference, current):
    reference = sorted(reference)
    edges = {reference[len(reference) * tenth // 10] for tenth in range(1, 10)}
    edges = sorted(edge for edge in edges if edge > reference[0])
    return [
        [sum(sum(edge <= x for edge in edges) == b for x in side) for b in range(len(edges) + 1)]
        for side in (reference, current)
    ]


def test_psi_of_numbers_follows_its_definition():
    """Ties, infinities, values below the reference's minimum, one row: all the same rule."""
    table = some_numeric(90, seed=3).slice(0, 90)
    found = psi.measure(table).to_pylist()
    for row, answer in zip(table.to_pylist(), found, strict=True):
        counts = deciles_by_definition(row["reference"], row["current"])
        assert 0 not in counts[0]
        assert index_by_definition(*counts) == pytest.approx(answer["effect"], abs=1e-12)
        assert answer["statistic"] == answer["effect"]


def test_psi_of_categories_follows_its_definition():
    """A category that neither side has is no bucket."""
    table = some_categorical(60, seed=4).slice(0, 60)
    found = psi.measure(table).to_pylist()
    for row, answer in zip(table.to_pylist(), found, strict=True):
        pairs = [
            pair for pair in zip(row["ref_counts"], row["cur_counts"], strict=True) if any(pair)
        ]
        assert index_by_definition(*zip(*pairs, strict=True)) == pytest.approx(
            answer["effect"], abs=1e-12
        )


def test_psi_has_ten_equal_buckets_without_ties():
    """So no bucket is thin merely because of where the edges fall."""
    sides = (np.arange(low, low + 70.0) for low in (0, 35))
    buckets = deciles(swept(numeric(tuple(sides))))

    assert [7.0] * 10 == buckets.reference.tolist()
    assert [0.0] * 5 + [7.0] * 4 + [42.0] == buckets.current.tolist()


def test_psi_is_chi_squared_when_no_bucket_is_thin():
    """The limit, scaled by the sizes of both sides."""
    rng = np.random.default_rng(6)
    answer = only(psi.measure(numeric((rng.normal(size=900), rng.normal(size=700)))))
    scaled = answer["statistic"] * 900 * 700 / 1600

    assert chdtrc(9, scaled) == pytest.approx(answer["p_value"], rel=1e-12)
    assert "chi2" == answer["p_method"]


def test_psi_yields_to_pearson_in_the_tail():
    """An empty bucket weighs more in PSI than its probability warrants."""
    counts = [500] * 10, [11, 11, 11, 11, 11, 11, 11, 11, 12, 0]
    answer = only(psi.measure(categorical(counts)))
    pearson = stats.chi2_contingency(counts, correction=False)

    assert pearson.pvalue == pytest.approx(answer["p_value"], rel=1e-9)
    assert "pearson" == answer["p_method"]


def test_psi_grows_with_the_shift():
    """The further a column moves, the larger the effect and the smaller the p-value."""
    values = np.random.default_rng(6).normal(size=2000)
    found = psi.measure(numeric(*((values, values + step / 10) for step in range(6))))
    effects, p_values = found["effect"].to_pylist(), found["p_value"].to_pylist()

    assert sorted(effects) == effects
    assert sorted(p_values, reverse=True) == p_values
    assert 0.0 == effects[0]
    assert effects[-1] > 0.1


def test_pooling_leaves_no_thin_bucket():
    """Five rows expected on the smaller side, in every table that has ten to share."""
    table = some_categorical(200, seed=7)
    buckets = levels(table)
    merged, sparse = pooled_levels(buckets)
    n, m = merged.total(merged.reference), merged.total(merged.current)
    share = (merged.reference + merged.current) / (n + m)[merged.owner]
    expected = share * np.minimum(n, m)[merged.owner]
    alone = merged.sizes()[merged.owner] == 1

    assert (expected[~alone & ~sparse[merged.owner]] >= 5).all()
    assert (merged.sizes()[sparse] == 2).all()
    assert buckets.total(buckets.reference).tolist() == n.tolist()
    assert buckets.total(buckets.current).tolist() == m.tolist()


def test_pooling_keeps_a_remainder_with_its_neighbour():
    """The last group must not be thin either."""
    buckets = Buckets(np.zeros(5, int), np.full(5, 3.0), np.full(5, 3.0), 1)

    assert [True, False, True, False, False] == heads(buckets, buckets.reference).tolist()


# jensen_shannon


def test_jensen_shannon_never_exceeds_one():
    """Not by a rounding of many terms either."""
    ones, none = [1] * 100_000, [0] * 100_000
    answer = only(jensen_shannon.measure(categorical((ones + none, none + ones))))

    assert 1.0 == answer["effect"] == answer["statistic"]


# wasserstein


@pytest.mark.parametrize("unit", [1e-300, 1e-170, 1e170, 1e300])
def test_wasserstein_does_not_depend_on_the_unit(unit):
    """The squares of such numbers are none, their standard deviation is one."""
    before, after = np.array([0.0, 1, 2, 5]), np.array([1.0, 3, 4, 4, 9])
    expected = stats.wasserstein_distance(before, after) / np.std(before)
    answer = only(wasserstein.measure(numeric((before * unit, after * unit))))

    assert expected == pytest.approx(answer["effect"], rel=1e-12)


# chi_squared


def test_chi_squared_agrees_with_scipy_when_nothing_is_pooled():
    """The test of homogeneity: the reference is a sample, not the population."""
    rng = np.random.default_rng(8)
    sides = (rng.multinomial(n, np.full(8, 1 / 8), 200).tolist() for n in (1000, 900))
    pairs = list(zip(*sides, strict=True))
    found = chi_squared.measure(categorical(*pairs)).to_pylist()
    for counts, answer in zip(pairs, found, strict=True):
        if answer["p_method"] == "chi2":
            expected = stats.chi2_contingency(counts, correction=False)
        else:
            expected = stats.chi2_contingency(counts, correction=False, lambda_="log-likelihood")
            assert answer["p_value"] < 0.05
        pearson = stats.chi2_contingency(counts, correction=False).statistic
        assert pearson == pytest.approx(answer["statistic"], rel=1e-12)
        assert expected.pvalue == pytest.approx(answer["p_value"], abs=1e-12)
        assert (pearson / 1900) ** 0.5 == pytest.approx(answer["effect"], rel=1e-12)


def test_chi_squared_stands_alone_when_both_sides_are_equally_large():
    """There the likelihood ratio is never the more cautious of the two."""
    rng = np.random.default_rng(9)
    pairs = [
        [rng.multinomial(800, rng.dirichlet(np.full(6, 30))).tolist() for _ in "ab"]
        for _ in range(100)
    ]
    found = chi_squared.measure(categorical(*pairs)).to_pylist()
    expected = [stats.chi2_contingency(counts, correction=False).pvalue for counts in pairs]

    assert expected == pytest.approx([row["p_value"] for row in found], abs=1e-12)
    assert {"chi2"} == {row["p_method"] for row in found}
    assert min(expected) < 1e-6


def test_chi_squared_yields_to_the_likelihood_ratio_in_the_tail():
    """A rare category in a small sample: Pearson's tail is too light there."""
    counts = [4500, 500], [80, 22]
    answer = only(chi_squared.measure(categorical(counts)))
    pearson = stats.chi2_contingency(counts, correction=False)
    ratio = stats.chi2_contingency(counts, correction=False, lambda_="log-likelihood")

    assert ratio.pvalue == pytest.approx(answer["p_value"], rel=1e-9)
    assert pearson.pvalue < ratio.pvalue
    assert pearson.statistic == pytest.approx(answer["statistic"], rel=1e-12)
    assert "likelihood ratio" == answer["p_method"]


def test_rare_categories_are_pooled_into_one_another():
    """Each alone expects too few rows to be chi-squared; the most common stays by itself."""
    apart = [[500, 2, 2, 2, 4], [480, 2, 3, 4, 1]]
    together = [[500, 10], [480, 10]]
    answer = only(chi_squared.measure(categorical(apart)))
    expected = stats.chi2_contingency(together, correction=False)

    assert expected.statistic == pytest.approx(answer["statistic"], rel=1e-12)
    assert expected.pvalue == pytest.approx(answer["p_value"], rel=1e-12)


def test_a_column_too_sparse_for_chi_squared_is_tested_exactly():
    """The most common category against the rest, at any sample size."""
    table = categorical(([300, 2, 1], [290, 3, 2]), ([8, 0], [0, 8]), ([5000, 0], [97, 3]))
    squares = [[[300, 3], [290, 5]], [[8, 0], [0, 8]], [[5000, 0], [97, 3]]]
    expected = [stats.fisher_exact(square).pvalue for square in squares]

    for detector in (chi_squared, psi):
        found = detector.measure(table)

        assert expected == pytest.approx(found["p_value"].to_pylist(), abs=1e-12)
        assert ["exact"] * 3 == found["p_method"].to_pylist()


@pytest.mark.parametrize("detector", [chi_squared, psi])
def test_unseen_and_vanished_categories_are_drift(detector):
    """One level replaced by another of the same size."""
    table = categorical(([500, 100, 0], [500, 0, 100]), ([600, 0], [500, 100]), ([9] * 3, [9] * 3))
    found = detector.measure(table)

    assert [True, True, False] == [p < 1e-9 for p in found["p_value"].to_pylist()]
    assert [True, True, False] == [e > 0.1 for e in found["effect"].to_pylist()]


def test_disjoint_categories_have_the_largest_effect():
    """Cramér's V is one where a category names its side."""
    assert 1.0 == only(chi_squared.measure(categorical(([90, 0], [0, 60]))))["effect"]


@pytest.mark.parametrize("detector", [chi_squared, psi])
def test_one_category_on_both_sides_has_not_drifted(detector):
    """Nor does a second one that nobody has make a difference."""
    found = detector.measure(categorical(([30], [20]), ([30, 0], [20, 0])))

    assert [(0.0, 0.0, 1.0, "chi2", None)] * 2 == rows_of(found)


# nulls


@quick
@given(
    st.lists(
        st.tuples(st.integers(1, 300), st.floats(0, 1), st.integers(1, 300), st.floats(0, 1)),
        min_size=1,
        max_size=10,
    )
)
def test_nulls_agrees_with_fishers_exact_test(drawn):
    """For every share of missing values, on samples of any two sizes."""
    quadruples = [(n, round(n * p), m, round(m * q)) for n, p, m, q in drawn]
    found = nulls.measure(missing(*quadruples)).to_pylist()

    for (n, x, m, y), answer in zip(quadruples, found, strict=True):
        expected = stats.fisher_exact([[x, n - x], [y, m - y]]).pvalue
        assert expected == pytest.approx(answer["p_value"], rel=1e-9, abs=1e-15)
        assert abs(x / n - y / m) == pytest.approx(answer["effect"], abs=1e-12)
        assert answer["statistic"] == answer["effect"]
        assert "exact" == answer["p_method"]


@pytest.mark.parametrize(
    ("n", "x", "m", "y"),
    [
        (1000, 3, 1000, 10),
        (100_000, 2000, 80_000, 1700),
        (1_000_000, 500_000, 900_000, 451_000),
        (20_000, 9000, 20_000, 11_000),
        (50_000, 0, 10, 2),
    ],
)
def test_fishers_exact_test_is_exact_for_large_samples(n, x, m, y):
    """Log-factorials of a million lose ten digits unless they are taken apart."""
    found = fisher(*(np.array([count]) for count in (x, n, y, m)))

    assert stats.fisher_exact([[x, n - x], [y, m - y]]).pvalue == pytest.approx(found[0], abs=1e-9)


def test_no_missing_values_and_only_missing_values_are_no_change():
    """There is nothing to compare, and nothing has changed."""
    found = nulls.measure(missing((100, 0, 50, 0), (100, 100, 50, 50)))

    assert [(0.0, 0.0, 1.0, "exact", None)] * 2 == rows_of(found)


def test_nulls_is_undefined_without_rows():
    """Missing values are counted among rows, so it takes rows, not values."""
    found = nulls.measure(missing((0, 0, 5, 1), (5, 1, 0, 0), (5, 5, 5, 0)))

    assert ["no reference rows", "no current rows", None] == found["reason"].to_pylist()
    assert [None, None, 1.0] == found["effect"].to_pylist()


# The suite that every detector must pass


class TestKs(DetectorSuite):
    name = "ks"


class TestPsi(DetectorSuite):
    name = "psi"


class TestJensenShannon(DetectorSuite):
    name = "jensen_shannon"


class TestWasserstein(DetectorSuite):
    name = "wasserstein"


class TestOutOfRange(DetectorSuite):
    name = "out_of_range"


class TestChiSquared(DetectorSuite):
    name = "chi_squared"


class TestLInfinity(DetectorSuite):
    name = "l_infinity"


class TestUnseen(DetectorSuite):
    name = "unseen"

    def test_a_strong_drift_is_seen(self):
        """The suite's moves rows between the same categories; here they get a new one."""
        row = self.answer(categorical(([90, 90, 0], [60, 60, 60]))).row(0, named=True)

        assert row["effect"] >= self.detector.floor
        assert row["p_value"] < self.strong


class TestVanished(DetectorSuite):
    name = "vanished"

    def test_a_strong_drift_is_seen(self):
        """The suite's moves rows between the same categories; here one loses all."""
        row = self.answer(categorical(([60, 60, 60], [90, 90, 0]))).row(0, named=True)

        assert row["effect"] >= self.detector.floor
        assert row["p_value"] < self.strong


class TestNulls(DetectorSuite):
    name = "nulls"
    sees = "missing"
