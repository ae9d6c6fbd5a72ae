"""Parts of time are stretches of the reference, none longer than half of the current side."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from argosy_drift.time_parts import parts_of_time

MANY, LEAST = 3, 2


def table_of(units, met, numeric):
    """Rows, whose units are so long; each value is the place of its row in time."""
    columns = {"n_ref": [], "n_cur": met, "reference": [], "turns": [], "starts": [], "levels": []}
    for own in units:
        many = sum(own)
        shuffled = np.random.default_rng(many).permutation(many)
        columns["reference"].append(np.arange(many, dtype=float).tolist())
        columns["turns"].append(shuffled.tolist())
        columns["starts"].append([] if max(own) == 1 else (np.cumsum(own) - own).tolist())
        columns["levels"].append([f"{place:03}" for place in range(many)])
        columns["n_ref"].append(many)
    kinds = {"starts": pa.list_(pa.uint16()), "turns": pa.list_(pa.uint16())}
    table = pa.table({name: pa.array(own, kinds.get(name)) for name, own in columns.items()})
    zero = pa.array([0] * len(met))
    table = table.append_column("null_ref", zero).append_column("null_cur", zero)
    table = table.append_column("current", table["reference"])
    if numeric:
        return table
    ones = [[1] * len(own) for own in columns["reference"]]
    table = table.drop_columns(["reference", "current"]).append_column("ref_counts", [ones])
    return table.append_column("cur_counts", [ones]).append_column("categories", table["levels"])


def members(part, side, numeric):
    """Return the places of the values of a side, by row."""
    if numeric:
        name = {"ref": "reference", "cur": "current"}[side]
        return [[int(value) for value in own] for own in part[name].to_pylist()]
    counts, names = part[f"{side}_counts"].to_pylist(), part["categories"].to_pylist()
    return [
        [int(name) for name, many in zip(texts, own, strict=True) if many]
        for texts, own in zip(names, counts, strict=True)
    ]


cases = st.lists(
    st.tuples(st.lists(st.integers(1, 4), min_size=1, max_size=20), st.integers(0, 30)),
    min_size=1,
    max_size=4,
)


@given(cases=cases, numeric=st.booleans())
def test_parts_are_stretches_of_time_that_cut_no_unit(cases, numeric):
    units, met = [own for own, _ in cases], [many for _, many in cases]
    table = table_of(units, met, numeric)
    seen = [[] for _ in units]
    for part in parts_of_time(table, MANY, LEAST):
        assert "turns" not in part.column_names
        inside, outside = (members(part, side, numeric) for side in ("cur", "ref"))
        assert part["n_cur"].to_pylist() == [len(own) for own in inside]
        for row, own in enumerate(units):
            assert sorted(inside[row] + outside[row]) == list(range(sum(own)))
            turn = np.argsort(table["turns"][row].as_py())
            stretch = sorted(turn[inside[row]].tolist())
            if not stretch:
                continue
            begin, end = stretch[0], stretch[-1] + 1
            bounds = [0, *np.cumsum(own).tolist()]
            assert stretch == list(range(begin, end))
            assert {begin, end} <= set(bounds)
            whole = sum(begin <= bound < end for bound in bounds)
            assert len(stretch) <= min(met[row] // 2, sum(own) // MANY) or whole == 1
            seen[row] += stretch
    for row, own in enumerate(seen):
        assert len(set(own)) == len(own)
        assert not own or len(own) >= MANY * LEAST
        if max(units[row]) == 1:
            assert bool(own) == (min(met[row] // 2, sum(units[row]) // MANY) >= LEAST)


@given(cases=cases, numeric=st.booleans())
def test_the_parts_of_a_row_do_not_depend_on_the_rows_beside_it(cases, numeric):
    table = table_of([own for own, _ in cases], [many for _, many in cases], numeric)
    together = [part.to_pylist() for part in parts_of_time(table, MANY, LEAST)]
    for row in range(table.num_rows):
        alone = parts_of_time(table.slice(row, 1), MANY, LEAST)
        assert [part[row] for part in together] == [part.to_pylist()[0] for part in alone]


def test_a_list_that_stands_for_more_rows_is_cut_by_what_it_spans():
    """Of ten thousand rows a hundred were kept: half a window of 1,000 spans five of them."""
    table = table_of([[1] * 100], [1_000], numeric=True)
    table = table.set_column(table.schema.get_field_index("n_ref"), "n_ref", pa.array([10_000]))

    assert [5] * MANY == [part["n_cur"][0].as_py() for part in parts_of_time(table, MANY, LEAST)]
