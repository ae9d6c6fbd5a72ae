"""Whole tables are those that SQL knows."""

from argosy.tables import BESIDES
from argosy.views.tables import whole_tables


def test_every_table_that_sql_knows_can_be_asked_for(fleet):
    fleet.check_drift()
    got = whole_tables(fleet, [*fleet.tables(), *BESIDES])

    for name in [*fleet.tables(), *BESIDES]:
        expected = fleet.sql(f"SELECT COUNT(*) AS n FROM {name}")["n"].item()  # noqa: S608
        assert expected == got[name].num_rows, name
