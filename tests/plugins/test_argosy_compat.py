"""The compatibility detectors give the numbers of Evidently and NannyML, and meet the suite.

The numbers are those of the libraries themselves: `compat/record.py` asked them about the columns
of `compat/cases.py` and wrote `compat/recorded.json`.
"""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from scipy import stats

import argosy_compat
from argosy.testing.columns import sampled, table
from argosy.testing.detectors import DetectorSuite
from argosy_cli.main import run

COMPAT = Path(__file__).with_name("compat")
CASES = runpy.run_path(str(COMPAT / "cases.py"))["cases"]()
RECORDED = json.loads((COMPAT / "recorded.json").read_text("utf-8"))
OFFERED = {one.name: one for one in argosy_compat.argosy_detectors()}
ASKED = [(case, name) for case, answers in RECORDED["answers"].items() for name in answers]

# Evidently adds these terms in the order of a set, so its own last digit differs from run to run,
# and the root of a difference of 1e-16 is 1e-8.
UNSTEADY = [
    ("categorical: identical shares", "evidently:hellinger"),
    ("categorical: identical sevenths", "evidently:hellinger"),
]
# Where the reference is empty, NannyML takes its shares for zero here and gives a number.
INVENTED = [
    ("categorical: no reference values", "nannyml:hellinger"),
    ("categorical: no reference values", "nannyml:l_infinity"),
]
# A detector is not told whether whole numbers were floats, and takes them for integers.
GUESSED = {("numeric: whole floats, three", "evidently:hellinger"): "numeric: integers, three"}


def columns(*names):
    """The named cases as the core hands them over; all of one kind."""
    kinds, pairs, missing = set(), [], []
    for name in names:
        kind, *sides = CASES[name]
        kinds.add(kind)
        if kind == "numeric":
            pairs.append(tuple([value for value in side if value is not None] for side in sides))
            gaps = [side.count(None) for side in sides]
        else:
            levels = sorted({*sides[0], *sides[1]} - {None})
            pairs.append(tuple([side.get(level, 0) for level in levels] for side in sides))
            gaps = [side.get(None, 0) for side in sides]
        missing.append(tuple(gaps))
    (kind,) = kinds
    return table(kind, pairs, missing)


def answer(case, name):
    (row,) = OFFERED[name].measure(columns(case)).to_pylist()
    return row


# The numbers of the libraries


@pytest.mark.parametrize(("case", "name"), ASKED)
def test_the_number_is_the_librarys(case, name):
    """To 1e-9; and where the library has none, there is a reason instead."""
    expected = RECORDED["answers"][GUESSED.get((case, name), case)][name]
    found = answer(case, name)

    if "error" in expected or None in expected.values() or (case, name) in INVENTED:
        assert found["reason"], found
        assert [None] * 3 == [found[key] for key in ("statistic", "effect", "p_value")]
        return
    near = 2e-8 if (case, name) in UNSTEADY else 1e-9
    assert found["reason"] is None, found
    assert expected == {key: pytest.approx(found[key], rel=near, abs=near) for key in expected}


def test_every_detector_was_asked_about_every_case_of_its_kinds():
    expected = {
        (case, name)
        for case, (kind, *_) in CASES.items()
        for name, one in OFFERED.items()
        if kind in one.kinds
    }

    assert expected == set(ASKED)


def test_hardly_a_case_has_no_number():
    """Agreeing on nothing would be easy."""
    answers = [RECORDED["answers"][case][name] for case, name in ASKED]
    numbers = [answer for answer in answers if "error" not in answer]

    assert len(numbers) > 400
    assert {"evidently": "0.7.23", "nannyml": "0.13.1"}.items() <= RECORDED["versions"].items()


@pytest.mark.parametrize("kind", ["numeric", "categorical"])
def test_all_cases_in_one_table_have_the_answers_they_have_alone(kind):
    names = [case for case, (of, *_) in CASES.items() if of == kind]
    together = columns(*names)

    for one in OFFERED.values():
        if kind in one.kinds:
            alone = [answer(case, one.name) for case in names]
            assert alone == one.measure(together).to_pylist()
            assert alone[5:9] == one.measure(together.slice(5, 4)).to_pylist()


def test_the_distances_behind_evidentlys_p_values_are_scipys():
    """Evidently keeps them to itself."""
    row = columns("numeric: skewed, shifted")
    before, after = (row[side][0].as_py() for side in ("reference", "current"))
    ks = OFFERED["evidently:ks"].measure(row)["statistic"][0].as_py()
    counts = table("categorical", [([30, 70, 20], [25, 80, 15])])
    chi2 = OFFERED["evidently:chi_squared"].measure(counts)["statistic"][0].as_py()

    assert stats.ks_2samp(before, after).statistic == ks
    assert stats.chisquare([25, 80, 15], [30, 70, 20]).statistic == pytest.approx(chi2, rel=1e-12)


def test_an_unseen_category_has_p_zero_and_the_greatest_statistic():
    """Evidently divides by an expectation of nothing."""
    row = answer("categorical: unseen", "evidently:chi_squared")

    assert (sys.float_info.max, 0.0) == (row["effect"], row["p_value"])


def test_one_category_has_evidentlys_p_of_zero_only_where_its_rounding_has_it():
    """103 * (1 / 103) is not 1 in the last digit, and no degree of freedom forgives that."""
    name = "evidently:chi_squared"

    assert 0.0 == answer("categorical: one, rounded", name)["p_value"]
    assert "nan" in answer("categorical: one", name)["reason"]


# As a plugin


def test_nothing_here_runs_unless_it_is_named():
    assert not any(one.default for one in OFFERED.values())


def test_the_guide_has_a_heading_for_every_detector():
    """A detector nobody can read about does not exist."""
    guide = Path(argosy_compat.__file__).with_name("README.md").read_text("utf-8")
    headings = [line.removeprefix("### ") for line in guide.splitlines() if line[:4] == "### "]

    assert list(OFFERED) == headings


def test_the_thresholds_are_those_of_the_libraries():
    """Of Evidently's code, and of NannyML's documentation; 0 where a library has none."""
    tenth = {"psi", "jensen_shannon", "wasserstein", "hellinger"}
    expected = {f"evidently:{name}": 0.1 for name in tenth}
    expected |= {"nannyml:jensen_shannon": 0.1, "nannyml:l_infinity": 0.1}

    assert expected == {name: one.floor for name, one in OFFERED.items() if one.floor}


def test_the_doorway_imports_no_heavy_library():
    """Every command of the program imports every plugin."""
    code = (
        "import sys, argosy; before = set(sys.modules); import argosy_compat;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "assert new == {'argosy_compat'}, new;"
        "list(argosy_compat.argosy_detectors()); assert 'scipy.stats' not in sys.modules"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (0, "") == (ran.returncode, ran.stderr)


def test_an_empty_table_has_an_empty_answer_whatever_types_its_lists_have():
    for name, one in OFFERED.items():
        for kind in one.kinds:
            untyped = pa.table({each: pa.nulls(0) for each in sampled(kind).column_names})
            assert 0 == one.measure(untyped).num_rows, name


def test_a_name_with_a_colon_is_typed_like_any_other(fleet, capsys):
    """In a run, in one verdict per model, in the stored rows, and in a filter of them."""
    named = [part for name in OFFERED for part in ("--detector", name)]
    code = run(["--fleet", fleet.url, "drift", *named, "--models", "--json"])
    verdicts = json.loads(capsys.readouterr().out)
    rows = fleet.drift().collect()

    assert (0, 6) == (code, len(verdicts))
    assert ["m2"] == [row["model"] for row in verdicts if row["drifted"]]
    assert set(OFFERED) >= set(rows["detector"]) >= {"evidently:psi", "nannyml:wasserstein"}
    most = rows.filter(detector="evidently:psi").top_k(1, by="effect")
    assert ["m2"] == most["model"].to_list()


def test_an_unknown_name_lists_those_with_a_colon(fleet, capsys):
    code = run(["--fleet", fleet.url, "drift", "--detector", "evidently:psy"])

    assert 2 == code
    assert "evidently:psi" in capsys.readouterr().err


# The suite that every detector meets


class Distance(DetectorSuite):
    """A detector that gives a distance and no p-value."""

    gives_p_value = False


class TestEvidentlyPsi(Distance):
    name = "evidently:psi"


class TestEvidentlyJensenShannon(Distance):
    name = "evidently:jensen_shannon"


class TestEvidentlyWasserstein(Distance):
    name = "evidently:wasserstein"


class TestEvidentlyHellinger(Distance):
    name = "evidently:hellinger"


class TestEvidentlyKs(DetectorSuite):
    name = "evidently:ks"


class TestEvidentlyChiSquared(DetectorSuite):
    name = "evidently:chi_squared"

    def test_false_alarms_are_as_rare_as_the_p_value_says(self) -> None:
        """They are not: Evidently takes the reference for the population, and so do we here."""
        found = self.answer(sampled("categorical", rows=300, sizes=(120, 90), seed=11))["p_value"]

        assert 0.15 < (found < 0.05).mean() < 0.5


class TestNannymlJensenShannon(Distance):
    name = "nannyml:jensen_shannon"


class TestNannymlWasserstein(Distance):
    name = "nannyml:wasserstein"


class TestNannymlKolmogorovSmirnov(Distance):
    name = "nannyml:kolmogorov_smirnov"


class TestNannymlHellinger(Distance):
    name = "nannyml:hellinger"


class TestNannymlChi2(DetectorSuite):
    name = "nannyml:chi2"


class TestNannymlLInfinity(Distance):
    name = "nannyml:l_infinity"
