"""Hierarchies are kept with their validity, and what cannot be one is refused by its row."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import BadInput
from argosy_forecast.hierarchy import edges_at, segments, summing, topology_events
from argosy_forecast.hierarchy.rules import faults

SCHEMA = {
    "hierarchy": pl.String,
    "parent": pl.String,
    "child": pl.String,
    "valid_from": pl.Datetime("us", "UTC"),
    "valid_until": pl.Datetime("us", "UTC"),
    "weight": pl.Float64,
}


def year(number):
    return None if number is None else datetime(number, 1, 1, tzinfo=UTC)


def edges(*rows, hierarchy="grid"):
    """Edges of (parent, child, from year, until year, weight), the last three as one likes."""
    told = []
    for row in rows:
        parent, child, begins, ends, weight = (*row, *(2020, None, None)[len(row) - 2 :])
        told.append((hierarchy, parent, child, year(begins), year(ends), weight))
    return pl.DataFrame(told, schema=SCHEMA, orient="row")


def refused(written, standing=None):
    found = faults(written, written.clear() if standing is None else standing)
    return dict(found.rows())


TREE = [("us", "east"), ("us", "west"), ("east", "a"), ("east", "b"), ("west", "c")]


def test_a_tree_stands():
    assert {} == refused(edges(*TREE))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("east", "east"), "nothing is a part of itself"),
        ((" ", "a"), "need a name each"),
        (("east", "d", 2020, 2020), "before it begins"),
        (("east", "d", 2020, None, 0.0), "above 0"),
        (("east", "d", 2020, None, float("nan")), "above 0"),
        (("west", "a"), "a is a part of east and of west at one time"),
        (("west", "a", 2023), "a is a part of east and of west at one time"),
        (("west", "a", 2010, 2021), "a is a part of west and of east at one time"),
        (("east", "a", 2024), "a is a part of east then already"),
        (("a", "us"), "a circle: a > us > east > a"),
        (("c", "us", 2024), "a circle: c > us > west > c"),
    ],
)
def test_an_edge_that_cannot_be_is_refused_beside_those_that_stand(row, told):
    found = refused(edges(row, ("west", "z")), edges(*TREE))

    assert [0] == list(found)
    assert told in found[0]


def test_what_is_over_is_in_nobodys_way():
    """Half-open: what ends at an instant and what begins then do not meet."""
    moved = edges(("east", "a", 2020, 2022), ("west", "a", 2022), ("a", "x", 2020, 2021))

    assert {} == refused(moved, edges(("x", "a", 2010, 2020), ("us", "east"), ("us", "west")))


def test_a_circle_needs_one_time():
    assert {} == refused(edges(("a", "b", 2020, 2021), ("b", "a", 2021, 2022)))
    assert {0, 1} == set(refused(edges(("a", "b", 2020, 2022), ("b", "a", 2021, 2022))))


def test_hierarchies_do_not_see_each_other():
    other = edges(("west", "a"), hierarchy="tariffs")

    assert {} == refused(pl.concat([edges(*TREE), other]))


def test_weights_allow_several_parents_up_to_all_of_the_child():
    third = 1 / 3
    parts = [(name, "d", 2020, None, third) for name in "xyz"]

    assert {} == refused(edges(*parts))
    found = refused(edges(*parts, ("w", "d", 2021, None, 0.1)))
    assert all("the weights of d add up to more than 1" == why for why in found.values())
    assert 3 in found
    assert "give both a weight" in refused(edges(("w", "d")), edges(*parts))[0]


def plainly_fit(rows):
    """Whether no child has two parents, and nothing is below itself, in any year."""
    for now in range(2020, 2026):
        above = {}
        for parent, child, begins, ends in rows:
            if begins <= now < (ends or 9999):
                if child in above or parent == child:
                    return False
                above[child] = parent
        for start in above:
            at = start
            for _ in range(len(above) + 1):
                at = above.get(at)
            if at is not None:
                return False
    return all(ends is None or ends > begins for _, _, begins, ends in rows)


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from("abcd"),
        st.integers(2020, 2024),
        st.one_of(st.none(), st.integers(2020, 2025)),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda row: row[:3],
)


@given(ROWS, st.integers(0, 5))
def test_refused_is_what_a_plain_look_at_every_year_refuses(rows, standing):
    """Whatever of it stood before; what stood is fit by itself, or it would not stand."""
    first, then = rows[:standing], rows[standing:]
    if not then or not plainly_fit(first):
        return
    found = refused(edges(*then), edges(*first) if first else None)

    assert plainly_fit(rows) == (not found)
    assert set(found) <= set(range(len(then)))


def test_the_kind_is_kept_asked_and_guarded(empty):
    """Through the ledger: put, a refusal by row, the move of a node, and the past."""
    empty.put("hierarchy", edges(*TREE))
    with pytest.raises(BadInput, match="a circle: a > us > east > a"):
        empty.put("hierarchy", edges(("a", "us")))
    before = empty.events().select(pl.col("seq").max()).collect().item()
    empty.put("hierarchy", edges(("east", "a", 2020, 2023), ("west", "a", 2023)))
    table = empty.table("hierarchies").collect()

    def parents(table, when):
        now = edges_at(table, "grid", year(when))
        return now.filter(pl.col("child") == "a")["parent"].to_list()

    assert [["east"], ["west"]] == [parents(table, 2022), parents(table, 2023)]
    assert ["east"] == parents(empty.as_of(before).table("hierarchies").collect(), 2023)
    found = topology_events(table, "grid").rows()
    assert [("east", year(2023), [], ["a"]), ("west", year(2023), ["a"], [])] == found


def test_a_node_changes_where_its_leaves_do_and_nowhere_else():
    """The whole is as it was when a leaf moves within it; new weights and leaves are changes."""
    table = edges(
        *TREE[:2],
        *TREE[3:],
        ("east", "a", 2020, 2022),
        ("west", "a", 2022, 2023),
        ("east", "d", 2024),
        ("east", "e", 2020, 2025, 1.0),
        ("east", "e", 2025, None, 0.5),
    )
    found = topology_events(table, "grid")
    by_node = {
        node: [(row["at"].year, row["gained"], row["lost"]) for row in rows.iter_rows(named=True)]
        for (node,), rows in found.group_by("node")
    }

    assert {
        "east": [(2022, [], ["a"]), (2024, ["d"], []), (2025, ["e"], ["e"])],
        "west": [(2022, ["a"], []), (2023, [], ["a"])],
        "us": [(2023, [], ["a"]), (2024, ["d"], []), (2025, ["e"], ["e"])],
    } == by_node


def test_history_is_split_at_the_events_of_its_own_node():
    events = topology_events(edges(*TREE, ("west", "d", 2022)), "grid")
    rows = pl.DataFrame(
        {"series": ["west", "west", "east"], "time": [year(2021), year(2022), year(2023)]}
    )

    assert [0, 1, 0] == segments(rows, events)["segment"].to_list()
    assert [0, 0, 0] == segments(rows, events.clear())["segment"].to_list()


def test_a_hierarchy_that_there_is_not_is_named():
    with pytest.raises(BadInput, match="no hierarchy 'gird'; the fleet has: grid"):
        edges_at(edges(*TREE), "gird", year(2020))


def test_the_matrix_adds_up_weights_along_every_way():
    table = edges(
        ("us", "x"), ("us", "y"), *((p, "a", 2020, None, w) for p, w in (("x", 0.6), ("y", 0.3)))
    )
    found = summing(table)

    assert ("us", "x", "y", "a") == found.nodes
    assert [0.9, 0.6, 0.3, 1.0] == pytest.approx(found.matrix.toarray().ravel().tolist())


def test_leaves_that_are_left_out_take_along_what_has_no_other():
    found = summing(edges(*TREE), {"a"})

    assert ("us", "east", "a") == found.nodes
    with pytest.raises(BadInput, match="2 names are of no leaf of the hierarchy, such as east"):
        summing(edges(*TREE), {"a", "east", "zz"})
    with pytest.raises(BadInput, match="without an edge"):
        summing(edges(*TREE).clear())
    with pytest.raises(BadInput, match="circle"):
        summing(edges(("a", "b"), ("b", "a"), ("b", "c")))
