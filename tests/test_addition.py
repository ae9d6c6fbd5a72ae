"""Sums over a model's rows or cells are added up by `argosy.kernels.addition`, and nowhere else.

A product of matrices, or a sum along an axis, adds in an order that a library chooses, by the
processor and by what stands beside: it would tie the last bits of a model to its neighbours. So
both are refused in the code that is shipped, but for the places below. What a rule cannot see (a
sum of polars, a running sum over several lists) is held by `tests/core/test_same_bits.py`.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = ("core", "plugins", "case_studies")

PRODUCTS = {
    *("average", "convolve", "corr", "corrcoef", "correlate", "cov", "dot", "einsum", "inner"),
    *("kron", "linalg", "lapack", "lstsq", "matmul", "nanmean", "nanstd", "nansum", "nanvar"),
    *("outer", "polyfit", "reduceat", "tensordot", "trapezoid", "vdot", "vecdot", "matvec"),
}
"""Names that add, or have added, in an order that is not told."""
AMBIGUOUS = {"average", "inner", "outer"}
"""Those that are refused where they are NumPy's, since others are called so too."""
ALONG = {"sum", "mean", "std", "var", "prod"}
"""Methods whose order of addition hangs on the shape once they are given an axis."""
SPREADS = {"mean", "std", "var"}
"""Methods of polars and NumPy that add numbers that are no counts."""
LOOSE = {"fastmath", "parallel"}
"""Arguments of Numba that let it change the order."""

PLACES = {
    "core/argosy/kernels/addition.py": "it is the place: each list by itself",
    "core/argosy/testing": "draws and checks; what it finds out is compared within a tolerance",
    "plugins/argosy_multivariate": "joint detectors keep LAPACK: a model at a time, on one thread",
    "plugins/argosy_forecast/forecasters/normal_equations.py": (
        "LAPACK solves each series' regression from its own rows, on one thread"
    ),
    "plugins/argosy_compat": "other tools' own formulas, a row at a time",
    "plugins/argosy_evaluate/own_past.py": "values as they are stored, weighed at a level of 1 %",
    "plugins/argosy_train/show.py": "a summary that is printed",
    "plugins/argosy_forecast/hierarchy": (
        "series are reconciled together, so each depends on all; on one thread"
    ),
    "plugins/argosy_report": "shares of truths, which are counted",
    "case_studies/argosy_recommendations/recommenders/weights.py": (
        "EASE inverts each client's matrix by itself, on one thread"
    ),
    "case_studies/argosy_recommendations/generator": "invented data, made once",
    "case_studies/argosy_recommendations/figures.py": "figures of the case are printed",
    "case_studies/argosy_recommendations/pictures.py": "a picture of the case",
    "case_studies/argosy_demo": "data is planted and the figures are printed",
    "case_studies/argosy_wine": "figures of the case are printed",
}
"""Where sums of another kind may stand, each with its reason."""


def offences(source):
    """Name the lines that add in an order of a library's choice.

    >>> offences("a @ b")
    [(1, '@')]
    >>> offences("x.sum(axis=0) + x.sum()")
    [(1, 'sum along an axis')]
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult):
            found.append((node.lineno, "@"))
        name = None
        if isinstance(node, ast.Attribute):
            numpys = isinstance(node.value, ast.Name) and node.value.id == "np"
            of = getattr(node.value, "attr", None)
            other = of in {"maximum", "minimum"} or (node.attr in AMBIGUOUS and not numpys)
            name = None if other else node.attr
        elif isinstance(node, ast.Import | ast.ImportFrom):
            told = [alias.name for alias in node.names]
            module = getattr(node, "module", None) or ""
            parts = [part for each in (*told, module) for part in each.split(".")]
            if module.partition(".")[0] not in {"numpy", "scipy"}:
                parts = [part for part in parts if part not in AMBIGUOUS]
            found += [(node.lineno, part) for part in parts if part in PRODUCTS]
        if name in PRODUCTS:
            found.append((node.lineno, name))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found += [(node.lineno, what) for what in _sums(node)]
        if isinstance(node, ast.keyword) and node.arg in LOOSE:
            found.append((node.value.lineno, node.arg))
    return sorted(set(found))


def _sums(call):
    """Say what is wrong with a call of a method, or of a function of NumPy."""
    name, of = call.func.attr, call.func.value
    numpy = isinstance(of, ast.Name) and of.id == "np"
    axis = any(each.arg == "axis" for each in call.keywords) or len(call.args) > numpy
    if name in ALONG and axis:
        yield f"{name} along an axis"
    elif name in SPREADS:
        yield name
    elif name == "reduce" and isinstance(of, ast.Attribute) and of.attr == "add":
        yield "add.reduce"


def modules():
    for folder in SHIPPED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def place_of(module):
    above = {module, *(parent.as_posix() for parent in Path(module).parents)}
    return next((place for place in PLACES if place in above), "")


def test_no_other_module_adds_in_an_order_that_a_library_chooses():
    """The cure: `argosy.kernels` has `sums`, `running`, `down` and `across`."""
    refused = [
        f"{module}:{line} {what}"
        for module, source in modules()
        if not place_of(module)
        for line, what in offences(source)
    ]

    assert refused == []


@pytest.mark.parametrize("place", PLACES)
def test_every_place_that_is_let_off_needs_it(place):
    """A reason that holds of nothing would let off what comes next."""
    assert any(offences(source) for module, source in modules() if place_of(module) == place)


@pytest.mark.parametrize(
    "line",
    [
        "a @ b", "a @= b", "np.dot(a, b)", "a.dot(b)", "np.einsum('ij->i', a)", "np.linalg.inv(a)",
        "from scipy import linalg", "import scipy.linalg.blas", "from numpy import matmul",
        "a.sum(0)", "a.sum(axis=1)", "np.sum(a, axis=0)", "np.sum(a, 0)", "a.mean()",
        "np.add.reduceat(a, b)", "np.add.reduce(a)", "np.nanstd(a)", "njit(fastmath=True)",
        "pl.col('x').std()",
    ],
)  # fmt: skip
def test_the_rule_sees(line):
    assert offences(line)


@pytest.mark.parametrize(
    "line", ["a.sum()", "np.sum(a)", "np.cumsum(a)", "np.bincount(a, b)", "sums(a, b)", "a * b"]
)
def test_the_rule_lets_pass(line):
    assert offences(line) == []
