"""The joint detectors agree with plain implementations, are calibrated, and meet the suite."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from argosy.testing.detectors import DetectorSuite
from argosy.testing.joint_rows import joint_table, odd_rows, sampled_rows
from argosy_multivariate import domain_classifier, mmd
from argosy_multivariate.blocks import Blocks, between, sizes
from argosy_multivariate.discriminant import DOUBT, accuracies
from argosy_multivariate.encoding import encoded
from argosy_multivariate.features import products
from argosy_multivariate.permuted import centred, cubed, moments, tail
from argosy_multivariate.sides import FOLDS, dealt

KINDS = ["numeric", "numeric", "categorical"]


def pair(sizes=(60, 45), moved=False, seed=3):
    row = sampled_rows(1, sizes, moved, seed).to_pylist()[0]
    return [np.array(row[side]).reshape(-1, 3) for side in ("reference", "current")]


def correlated(rows, correlation, generator):
    return generator.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], rows)


def plainly_encoded(rows):
    """Normal scores, a coordinate for missing numbers and one for every category."""
    columns = []
    for column in rows.T[:2]:
        known = ~np.isnan(column)
        score = np.zeros(len(column))
        ranks = stats.rankdata(column[known])
        score[known] = stats.norm.ppf((ranks - 0.5) / known.sum())
        columns += [score, (~known).astype(float)]
    codes = np.where(np.isnan(rows[:, 2]), -1, rows[:, 2])
    known, counts = np.unique(codes, return_counts=True)
    columns += [(codes == code).astype(float) for code in known[np.argsort(-counts, kind="stable")]]
    return np.array(columns).T


def plain_mmd(before, after):
    """Equation 3 of Gretton et al. (2012), term by term."""
    points = plainly_encoded(np.concatenate([before, after]))
    n, m = len(before), len(after)

    def squared(i, j):
        return ((points[i] - points[j]) ** 2).sum()

    width = np.median([squared(i, j) for i in range(n) for j in range(i)])

    def alike(i, j):
        return np.exp(-squared(i, j) / (2 * width))

    first = sum(alike(i, j) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    rest = range(n, n + m)
    second = sum(alike(i, j) for i in rest for j in rest if i != j) / (m * (m - 1))
    return first + second - 2 * sum(alike(i, j) for i in range(n) for j in rest) / (n * m)


class TestMmd(DetectorSuite):
    name = "mmd"
    sees = "missing"

    @pytest.mark.parametrize("moved", [False, True])
    def test_the_statistic_is_the_unbiased_estimator(self, moved):
        before, after = pair(moved=moved)
        found = self.answer(joint_table([(before, after)]))

        assert found["statistic"].item() == pytest.approx(plain_mmd(before, after), abs=1e-12)

    def test_its_p_value_is_that_of_permutations(self):
        """A hundred thousand random ones have the same tail, give or take what they vary by."""
        before, after = pair((40, 30), seed=8)
        after[:, 0] += 0.8
        points = encoded(np.concatenate([before, after]), KINDS).place
        kernel = mmd.gaussian(points, 40)
        generator = np.random.default_rng(1)
        sides = generator.permuted(np.tile(np.arange(70) < 40, (100_000, 1)), axis=1).astype(float)
        alike = centred(kernel.copy())
        totals = np.einsum("pi,pi->p", sides @ alike, sides)
        seen = np.arange(70) < 40
        share = (totals >= seen @ alike @ seen).mean()
        found = self.answer(joint_table([(before, after)]))["p_value"].item()

        assert 0.0005 < share < 0.02
        assert found == pytest.approx(share, rel=0.15)

    def test_a_column_of_another_unit_is_worth_as_much(self):
        before, after = pair()
        scale = np.array([1e6, 1e-6, 1.0])
        tables = joint_table([(before, after), (before * scale, after * scale)])

        first, second = self.answer(tables)["statistic"]
        assert first == second


class TestDomainClassifier(DetectorSuite):
    name = "domain_classifier"
    sees = "missing"

    def test_accuracy_is_that_of_a_classifier_trained_fold_by_fold(self):
        before, after = pair((80, 55), moved=False, seed=4)
        after[:, 0] += 0.7
        values = products(encoded(np.concatenate([before, after]), KINDS), 3).values
        current = np.arange(135) >= 80
        fold = np.concatenate([np.arange(80), np.arange(55)]) % FOLDS
        right = {True: 0, False: 0}
        for each in range(FOLDS):
            seen = fold != each
            gap = values[seen & current].mean(0) - values[seen & ~current].mean(0)
            noise = DOUBT * np.sqrt(1 / (seen & current).sum() + 1 / (seen & ~current).sum())
            gap = np.sign(gap) * np.maximum(abs(gap) - noise, 0)
            spread = np.cov(values[seen].T, bias=True) + np.eye(len(gap)) * len(gap) / 135
            weights = np.linalg.inv(spread) @ gap
            middle = (values[seen & current].mean(0) + values[seen & ~current].mean(0)) / 2
            for place in np.flatnonzero(fold == each):
                said = bool(values[place] @ weights > middle @ weights)
                right[said] += said == current[place]
        expected = (right[True] / 55 + right[False] / 80) / 2

        assert expected > 0.55
        assert self.answer(joint_table([(before, after)]))["statistic"].item() == expected

    def test_a_change_of_correlation_alone_is_found_and_named(self):
        """Every column by itself is as it was."""
        generator = np.random.default_rng(2)
        sides = [
            np.column_stack([correlated(1000, rho, generator), generator.normal(size=(1000, 8))])
            for rho in (0.0, 0.7)
        ]
        row = domain_classifier.measure(joint_table([tuple(sides)], ["numeric"] * 10)).to_pylist()
        alone = [
            stats.ks_2samp(*columns).pvalue for columns in zip(*[s.T for s in sides], strict=True)
        ]

        assert min(alone) > 0.005
        assert row[0]["statistic"] > 0.6
        assert row[0]["p_value"] < 1e-6
        assert row[0]["detail"] in {"told apart by 'x0' and 'x1'", "told apart by 'x1' and 'x0'"}

    def test_values_that_are_missing_together_are_found(self):
        """Each column misses as many as before, but now in the same rows."""
        generator = np.random.default_rng(3)
        sides = [generator.normal(size=(1000, 2)) for _ in range(2)]
        for column in range(2):
            sides[0][generator.permutation(1000)[:300], column] = np.nan
        sides[1][generator.permutation(1000)[:300]] = np.nan
        row = domain_classifier.measure(joint_table([tuple(sides)], ["numeric"] * 2)).to_pylist()[0]

        assert row["statistic"] > 0.6
        assert row["p_value"] < 1e-6

    def test_two_categories_that_go_together_no_longer_are_found(self):
        generator = np.random.default_rng(4)
        one = generator.integers(0, 3, (2, 1000))
        together = np.column_stack([one[0], (one[0] + (generator.random(1000) < 0.2)) % 3])
        apart = np.column_stack([one[1], generator.permutation(together[:, 1])])
        table = joint_table([(together.astype(float), apart.astype(float))], ["categorical"] * 2)

        assert domain_classifier.measure(table)["p_value"][0].as_py() < 1e-6

    def test_sides_that_are_nine_to_one_are_judged_as_fairly(self):
        """An accuracy that is not balanced would be 0.9 for always saying `reference`."""
        generator = np.random.default_rng(5)
        pairs = [(generator.normal(size=(900, 3)), generator.normal(size=(100, 3)))] * 1
        row = domain_classifier.measure(joint_table(pairs, ["numeric"] * 3)).to_pylist()[0]

        assert 0.4 < row["statistic"] < 0.6

    def test_an_identifier_tells_nothing(self):
        """All its values are new on either side, as they always are."""
        generator = np.random.default_rng(6)
        sides = [generator.permutation(10_000)[:400].astype(float)[:, None] for _ in range(2)]
        row = domain_classifier.measure(joint_table([tuple(sides)], ["categorical"])).to_pylist()[0]

        assert row["effect"] < 0.05


@given(rows=st.integers(1, 300), block=st.integers(1, 60))
def test_blocks_are_as_good_as_equal_and_none_is_smaller_than_asked_for(rows, block):
    cut = sizes(rows, block)

    assert cut.sum() == rows
    assert cut.max() - cut.min() <= 1
    assert cut.min() >= min(block, rows)


@pytest.mark.parametrize("blocks", [Blocks(8, 8), Blocks(3, 11)])
def test_blocks_are_dealt_whole_and_each_fold_keeps_as_many_of_either_side(blocks):
    """Blocks are stretches of the rows, and folds stretches of the blocks."""
    cut = [sizes(rows, block) for rows, block in zip((203, 160), blocks, strict=True)]
    starts = np.cumsum(np.concatenate(cut)) - np.concatenate(cut)
    sides = dealt(203, 160, blocks)
    inside = np.setdiff1d(np.arange(363), starts)

    assert (sides.current[inside] == sides.current[inside - 1]).all()
    assert (sides.fold[inside] == sides.fold[inside - 1]).all()
    assert (np.diff(sides.fold[:203]) >= 0).all()
    assert (np.diff(sides.fold[203:]) >= 0).all()
    for each in range(FOLDS):
        counts = sides.current[starts][sides.fold[starts] == each].sum(0)
        assert len(set(counts)) == 1
    assert (sides.current[:, 1:] != sides.current[:, :1]).any(0).all()


def test_alike_blocks_are_means_over_their_rows():
    kernel = np.random.default_rng(11).random((9, 9))
    cut = [2, 2, 1, 4]
    owner = np.repeat(range(4), cut)
    expected = [
        [kernel[np.ix_(owner == one, owner == other)].mean() for other in range(4)]
        for one in range(4)
    ]

    assert between(kernel, np.array(cut[:2]), np.array(cut[2:])) == pytest.approx(
        np.array(expected), abs=1e-15
    )


def test_rows_that_are_written_down_several_times_are_no_more_evidence():
    """Thirty rows of either side, once each and four times each in blocks of four."""
    before, after = pair((30, 30), seed=5)
    after[:, 0] += 0.5
    alone = mmd.measure(joint_table([(before, after)])).to_pylist()[0]
    several = joint_table([(before.repeat(4, 0), after.repeat(4, 0))], blocks=(4, 4))
    found, fooled = (
        mmd.measure(table).to_pylist()[0]
        for table in (several, joint_table([(before.repeat(4, 0), after.repeat(4, 0))]))
    )

    assert found["statistic"] == pytest.approx(alone["statistic"], rel=0.05)
    assert 0.01 < alone["p_value"] <= found["p_value"] < 10 * alone["p_value"]
    assert fooled["p_value"] < alone["p_value"] / 100


def test_few_blocks_are_told_with_their_number():
    rows = joint_table([(np.zeros((90, 3)), np.zeros((90, 3)))], blocks=(9, 10))

    for detector in (domain_classifier, mmd):
        told = detector.measure(rows)["reason"][0].as_py()
        assert told == "9 current blocks of 10 rows; 10 are needed"


def test_few_rows_are_told_with_their_number():
    rows = joint_table([(np.zeros((9, 3)), np.zeros((30, 3)))])

    told = domain_classifier.measure(rows)["reason"][0].as_py()
    assert told == "9 reference rows; 10 are needed"


def test_the_moments_are_those_of_all_permutations():
    """Of nine rows, four are dealt to one side in 126 ways."""
    generator = np.random.default_rng(9)
    kernel = generator.random((9, 9))
    kernel = centred(kernel + kernel.T)
    totals = np.array(
        [kernel[np.ix_(side, side)].sum() for side in itertools.combinations(range(9), 4)]
    )
    variance, third = moments(kernel, 4)

    assert totals.mean() == pytest.approx(0, abs=1e-12)
    assert variance == pytest.approx((totals**2).mean(), rel=1e-10)
    assert third == pytest.approx((totals**3).mean(), rel=1e-10)


def test_the_trace_of_a_large_kernel_is_estimated_within_a_few_percent():
    generator = np.random.default_rng(10)
    for wide in (2, 20):
        kernel = centred(mmd.gaussian(generator.normal(size=(900, wide)), 450))
        exact = np.einsum("ij,ij->", kernel @ kernel, kernel)
        assert cubed(kernel) == pytest.approx(exact, rel=0.08)


def test_a_kernel_that_tells_rows_not_apart_has_a_p_value_of_one():
    assert tail(np.ones((12, 12)), 5, 0.0) == 1.0


def test_deals_keep_the_number_of_rows_of_each_side_in_each_fold():
    sides = dealt(53, 31)
    for each in range(FOLDS):
        counts = sides.current[sides.fold == each].sum(0)
        assert len(set(counts)) == 1


def test_a_perfect_classifier_is_right_always():
    apart = np.repeat([-1.0, 1.0], 60)[:, None]
    assert accuracies(apart, dealt(60, 60))[0][0] == 1.0


def test_rows_are_placed_as_plainly_as_they_are_described():
    rows = np.concatenate(pair())
    assert encoded(rows, KINDS).place == pytest.approx(plainly_encoded(rows), abs=1e-12)


def test_odd_rows_are_placed_without_a_warning():
    for row in odd_rows().to_pylist():
        rows = np.array(row["reference"] + row["current"]).reshape(-1, 3)
        assert np.isfinite(products(encoded(rows, KINDS), 3).values).all()
