"""Claim: p-values of the detectors are right, or err on the quiet side.

Printed is the share of clean rows whose p-value is below a nominal one, divided by it: 1 is exact,
less is quiet. Both sides of a row are drawn alike. Then how often the detectors that follow a
column through windows find a shift of the mean, and what the joint ones say of a change. Nothing
here is timed.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
from _measure import asked, options

from argosy.plugins import installed
from argosy.testing.courses import course_table
from argosy.testing.joint_rows import joint_table

SEED = 7
AT_ONCE = 5_000
NOMINAL = (0.5, 0.05, 0.01, 0.001, 1e-4)
EQUAL, RARE, RARER = [0.1] * 10, [0.9, 0.05, 0.05], [0.99, 0.01]
Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]


def normal(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return rng.standard_normal(shape)


def levels(many: int) -> Draw:
    return lambda rng, shape: rng.integers(0, many, shape).astype(float)


NUMERIC: tuple[tuple[str, str, Draw, int, int], ...] = (
    *(("psi", "deciles", normal, n, n) for n in (50, 100, 200, 300)),
    ("psi", "deciles", normal, 5_000, 100),
    *(("wasserstein", "continuous", normal, n, n) for n in (10, 30)),
    ("wasserstein", "continuous", normal, 50, 7),
    ("wasserstein", "continuous", normal, 100, 100),
    ("wasserstein", "continuous", normal, 2_000, 30),
    ("wasserstein", "5 equal values", levels(5), 100, 100),
    ("wasserstein", "2 equal values", levels(2), 100, 100),
)
CATEGORICAL = (
    ("psi", "10 equal", EQUAL, 100, 100),
    ("psi", "90, 5, 5 %", RARE, 300, 300),
    ("jensen_shannon", "10 equal", EQUAL, 50, 50),
    ("jensen_shannon", "10 equal", EQUAL, 120, 120),
    ("jensen_shannon", "10 equal", EQUAL, 300, 60),
    ("jensen_shannon", "10 equal", EQUAL, 1_000, 1_000),
    ("jensen_shannon", "10 equal", EQUAL, 5_000, 100),
    ("jensen_shannon", "90, 5, 5 %", RARE, 300, 300),
    ("chi_squared", "10 equal", EQUAL, 100, 100),
    ("chi_squared", "10 equal", EQUAL, 5_000, 100),
    ("chi_squared", "90, 5, 5 %", RARE, 5_000, 100),
    ("chi_squared", "99, 1 %", RARER, 5_000, 100),
    ("l_infinity", "10 equal", EQUAL, 100, 100),
    ("l_infinity", "10 equal", EQUAL, 5_000, 100),
)
JOINT = (
    ("1 numeric", 1, 0, 200, 200),
    ("2 numeric", 2, 0, 100, 100),
    ("2 numeric", 2, 0, 30, 30),
    ("5 numeric, 2 categorical", 5, 2, 200, 200),
    ("5 numeric, 2 categorical", 5, 2, 1_000, 100),
    ("3 categorical", 0, 3, 200, 100),
)
COURSES: tuple[tuple[str, Draw, int, int, int], ...] = (
    ("normal", normal, 1_000, 10, 50),
    ("normal", normal, 5_000, 30, 500),
    ("lognormal, sd 1.5", lambda rng, shape: rng.lognormal(0, 1.5, shape), 1_000, 10, 50),
)
CHANGED = (
    ("2 numeric", 2, 0, 0.5, 0.0),
    ("5 numeric", 5, 0, 0.5, 0.0),
    ("5 numeric", 5, 0, 0.8, 0.0),
    ("15 numeric, 5 categorical", 15, 5, 0.5, 0.0),
    ("15 numeric, 5 categorical", 15, 5, 0.0, 0.25),
)
"""Columns, and what the current rows have: a correlation of the first two, a shift of all."""
SHIFTS = ((50, 0.3), (50, 0.5), (200, 0.2), (200, 0.3), (1_000, 0.1), (1_000, 0.2))


def main() -> None:
    parser = options(
        __doc__, rows=(100_000, 500), joint=(1_000, 20), courses=(10_000, 50), shifted=(100, 5)
    )
    given = asked(parser, compares=False)
    print(f"seed {SEED}, of each line anew; share of clean rows below p, divided by p")
    print(f"{'detector':<19}{'values':<27}{'n / m':<15}{'rows':>8}", end="")
    print("".join(f"{p:>8g}" for p in NOMINAL))
    for name, what, draw, n, m in NUMERIC:
        many = given.rows if 50 * m >= n else given.rows // 10
        line(name, what, f"{n} / {m}", numeric(name, draw, n, m, many))
    for name, what, shares, n, m in CATEGORICAL:
        line(name, what, f"{n} / {m}", categorical(name, shares, n, m, given.rows))
    for name in ("domain_classifier", "mmd"):
        for what, numbers, categories, n, m in JOINT:
            found = joint(name, numbers, categories, n, m, given.joint)
            line(name, what, f"{n} / {m}", found)
    for name in ("page_hinkley", "adwin"):
        for what, draw, n, windows, each in COURSES:
            many = given.courses if each < 500 else given.courses // 10
            found = followed(name, draw, n, windows, each, many)
            line(name, what, f"{n} / {windows} x {each}", found)
    shifts(given.shifted)
    changed()


def line(name: str, what: str, sizes: str, p: np.ndarray) -> None:
    shares = "".join(f"{(p < nominal).mean() / nominal:>8.2f}" for nominal in NOMINAL)
    print(f"{name:<19}{what:<27}{sizes:<15}{len(p):>8,}{shares}", flush=True)


def answered(name: str, table: pa.Table) -> pa.Table:
    return installed().detectors[name].measure(table)


def parts(many: int) -> Iterator[int]:
    """Cut so many rows into batches."""
    for start in range(0, many, AT_ONCE):
        yield min(AT_ONCE, many - start)


def p_values(answer: pa.Table) -> np.ndarray:
    return answer["p_value"].to_numpy()


def numeric(name: str, draw: Draw, n: int, m: int, many: int) -> np.ndarray:
    rng = np.random.default_rng(SEED)
    found = []
    for rows in parts(many):
        sides = {
            role: lists(np.sort(draw(rng, (rows, size)), axis=1))
            for role, size in (("reference", n), ("current", m))
        }
        found.append(p_values(answered(name, counted(rows, n, m, **sides))))
    return np.concatenate(found)


def categorical(name: str, shares: list[float], n: int, m: int, many: int) -> np.ndarray:
    rng = np.random.default_rng(SEED)
    found = []
    for rows in parts(many):
        names = pa.array([[f"level {place}" for place in range(len(shares))]] * rows)
        sides = {
            f"{role}_counts": lists(rng.multinomial(size, shares, rows))
            for role, size in (("ref", n), ("cur", m))
        }
        found.append(p_values(answered(name, counted(rows, n, m, categories=names, **sides))))
    return np.concatenate(found)


def lists(values: np.ndarray) -> pa.Array:
    rows, each = values.shape
    ends = pa.array(np.arange(rows + 1) * each, pa.int32())
    return pa.ListArray.from_arrays(ends, pa.array(values.ravel()))


def counted(rows: int, n: int, m: int, **columns: pa.Array) -> pa.Table:
    """Return a table as a detector is handed it, nothing missing."""
    whole = {"n_ref": n, "n_cur": m, "null_ref": 0, "null_cur": 0}
    return pa.table(
        {
            "model": [f"m{row}" for row in range(rows)],
            "version": ["1"] * rows,
            "column": ["x"] * rows,
            **{name: pa.array(np.full(rows, size)) for name, size in whole.items()},
            **columns,
        }
    )


def joint(name: str, numbers: int, categories: int, n: int, m: int, many: int) -> np.ndarray:
    rng = np.random.default_rng(SEED)
    kinds = ["numeric"] * numbers + ["categorical"] * categories

    sides = (mixed(rng, size, numbers, categories) for _ in range(many) for size in (n, m))
    pairs = list(zip(sides, sides, strict=True))
    return p_values(answered(name, joint_table(pairs, kinds)))


def followed(name: str, draw: Draw, n: int, windows: int, each: int, many: int) -> np.ndarray:
    rng = np.random.default_rng(SEED)
    found = []
    for rows in parts(many):
        courses = [(draw(rng, (1, n))[0], list(draw(rng, (windows, each)))) for _ in range(rows)]
        found.append(p_values(answered(name, course_table(courses))))
    return np.concatenate(found)


def shifts(many: int) -> None:
    told = "that move with the eighth of 14 windows, beside a reference of twenty"
    print(f"\nof {many} normal columns {told}, found at p < 1e-4:")
    for each, shift in SHIFTS:
        rng = np.random.default_rng(SEED)
        moved = shift * (np.arange(14) >= 7)[:, None]
        drawn = [
            (rng.standard_normal(20 * each), list(rng.standard_normal((14, each)) + moved))
            for _ in range(many)
        ]
        told = []
        for name in ("adwin", "page_hinkley"):
            p = p_values(answered(name, course_table(drawn)))
            told.append(f"{name} {(p < 1e-4).sum():>4}")
        print(f"  {each:>5} rows a window, {shift} sd: {', '.join(told)}")


def changed(rows: int = 1_000) -> None:
    print(f"\n{rows:,} rows a side, of which the current ones have a correlation or a shift:")
    for what, numbers, categories, correlation, shift in CHANGED:
        rng = np.random.default_rng(SEED)
        sides = [mixed(rng, rows, numbers, categories) for _ in range(2)]
        first, second = sides[1][:, :2].T
        sides[1][:, 1] = correlation * first + (1 - correlation**2) ** 0.5 * second
        sides[1][:, :numbers] += shift
        kinds = ["numeric"] * numbers + ["categorical"] * categories
        table = joint_table([(sides[0], sides[1])], kinds)
        told = []
        for name in ("domain_classifier", "mmd"):
            [row] = answered(name, table).to_pylist()
            told.append(f"{name} {row['effect']:.3f} (p {row['p_value']:.0e})")
        print(f"  {what:<27}{correlation} / {shift}: {', '.join(told)}")


def mixed(rng: np.random.Generator, rows: int, numbers: int, categories: int) -> np.ndarray:
    """Draw normal columns, and columns of five categories."""
    named = rng.integers(0, 5, (rows, categories)).astype(float)
    return np.hstack([rng.standard_normal((rows, numbers)), named])


if __name__ == "__main__":
    main()
