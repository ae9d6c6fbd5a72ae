"""Lists are looked up, not computed, and what is sold no longer is never offered."""

import json
from dataclasses import asdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import argosy
from argosy.errors import UnknownName
from argosy_cli.main import run
from argosy_recommendations.serving.batch import offered
from argosy_recommendations.serving.lookup_service import ANYBODY, LookupService, Recommendation

TEXTS = pl.List(pl.String)
CLIENTS = ["a", "b", "frozen", "off", "new"]
ITEMS = [f"i{number}" for number in range(6)]


def bind_catalogue(fleet, folder, retired, name="catalogue"):
    table = pl.DataFrame(
        {"client": CLIENTS, "retired": [retired.get(client, []) for client in CLIENTS]},
        schema={"client": pl.String, "retired": TEXTS},
    )
    table.write_parquet(folder / f"{name}.parquet")
    row = {"role": "catalogue", "template": "shop", "key": "client", "id": "client"}
    fleet.bind(pl.DataFrame(row | {"url": str(folder / f"{name}.parquet")}))


def shops(folder, lists, retired):
    """Make a fleet whose lists are these: rows of client, customer, items."""
    folder.mkdir(parents=True, exist_ok=True)
    fleet = argosy.open(str(folder / "fleet"), create=True)
    tags = [{"serving": state} for state in ("on", "on", "freeze", "off", "on")]
    fleet.register(
        pl.DataFrame(
            {"model": CLIENTS, "version": "1", "template": "shop", "tags": tags},
            schema_overrides={"tags": pl.Map(pl.String, pl.String)},
        )
    )
    table = pl.DataFrame(
        lists, schema={"model": pl.String, "customer": pl.String, "prediction": TEXTS}, orient="row"
    ).with_columns(version=pl.lit("1"))
    table.sort("model", maintain_order=True).write_parquet(folder / "lists.parquet")
    row = {"role": "lists", "url": str(folder / "lists.parquet"), "key": "model", "id": "customer"}
    fleet.bind(pl.DataFrame([row | {"model": name} for name in table["model"].unique().sort()]))
    bind_catalogue(fleet, folder, retired)
    return fleet


@pytest.fixture
def fleet(tmp_path):
    lists = [
        ("a", "ann", ["i1", "i2", "i3"]), ("a", ANYBODY, ["i5", "i2", "i1"]), ("a", "bob", ["i2"]),
        ("b", "ann", ["i0"]),
        ("frozen", "ann", ["i4", "i2"]), ("frozen", ANYBODY, ["i4"]),
        ("off", "ann", ["i1"]), ("off", ANYBODY, ["i1"]),
    ]  # fmt: skip
    return shops(tmp_path, lists, {"a": ["i2"], "frozen": ["i4"]})


def test_a_known_customer_gets_the_own_list_without_what_is_retired(fleet):
    assert Recommendation("a", "ann", ["i1", "i3"], "list", "1", 1, None) == LookupService(
        fleet
    ).recommend("a", "ann")


def test_feature_27_an_unknown_customer_gets_the_default_list(fleet):
    found = LookupService(fleet).recommend("a", "zoe")

    assert (["i5", "i1"], "default") == (found.items, found.source)
    assert "'zoe' is not known to a" == found.reason


def test_whoever_has_nothing_left_gets_the_default_list(fleet):
    """An empty screen sells nothing."""
    found = LookupService(fleet).recommend("a", "bob")

    assert (["i5", "i1"], "default", 1) == (found.items, found.source, found.withheld)
    assert "nothing of the customer's own list is sold any more" == found.reason


def test_without_a_default_list_there_is_nothing(fleet):
    assert ([], "none") == astuple(LookupService(fleet).recommend("b", "zoe"))


def astuple(found):
    return found.items, found.source


def test_feature_28_off_returns_nothing_and_freeze_what_it_had(fleet):
    service = LookupService(fleet)

    assert ([], "none") == astuple(service.recommend("off", "ann"))
    assert (["i2"], "list") == astuple(service.recommend("frozen", "ann"))
    assert ([], "none") == astuple(service.recommend("frozen", "zoe"))  # its default is retired


def test_a_client_that_no_night_ranked_for_says_so(fleet):
    assert "no night has ranked for new yet" == LookupService(fleet).recommend("new", "ann").reason


def test_an_unknown_client_is_refused(fleet):
    with pytest.raises(UnknownName, match="no client is called 'nosuch'"):
        LookupService(fleet).recommend("nosuch", "ann")


def test_feature_29_what_retired_since_last_night_never_appears(fleet, tmp_path):
    """The lists stay as they are; the catalogue of the morning is asked."""
    service = LookupService(fleet)
    bind_catalogue(fleet, tmp_path, {"a": ["i1", "i2"]}, "morning")

    assert ["i1", "i3"] == service.recommend("a", "ann").items
    service.refresh()
    assert ["i3"] == service.recommend("a", "ann").items


def test_a_client_that_switches_itself_off_is_heard(fleet):
    service = LookupService(fleet)
    fleet.tag({"model": ["a"], "tags": [{"serving": "off"}]})
    service.refresh()

    assert ([], "none") == astuple(service.recommend("a", "ann"))


def test_no_more_is_offered_than_was_asked_for(fleet):
    assert ["i1"] == LookupService(fleet, length=1).recommend("a", "ann").items


def test_the_command_tells_people_and_scripts(fleet, capsys):
    assert 0 == run(["--fleet", fleet.url, "recommend", "a", "ann"])
    assert " 1  i1\n 2  i3\n(list, version 1)\n" == capsys.readouterr().out
    assert 0 == run(["--fleet", fleet.url, "--json", "recommend", "a", "zoe"])
    assert asdict(LookupService(fleet).recommend("a", "zoe")) == json.loads(capsys.readouterr().out)
    assert 2 == run(["--fleet", fleet.url, "recommend", "nosuch", "ann"])


def test_a_whole_table_is_answered_as_the_desk_answers(fleet):
    asked = pl.DataFrame(
        [(client, customer) for client in CLIENTS for customer in ("ann", "bob", "zoe")],
        schema=["client", "customer"], orient="row",
    )  # fmt: skip
    service = LookupService(fleet)

    found = offered(fleet, asked)

    for row in found.iter_rows(named=True):
        told = service.recommend(row["client"], row["customer"])
        assert (told.items, told.source) == (row["items"], row["source"]), row


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_any_table_is_answered_as_the_desk_answers(tmp_path_factory, data):
    """Whatever the lists and catalogues are, the two ways agree, and no item is a retired one."""
    some = st.lists(st.sampled_from(ITEMS), unique=True, max_size=6)
    names = st.sampled_from(["ann", "bob", ANYBODY, "ünï"])
    rows = data.draw(
        st.dictionaries(st.tuples(st.sampled_from(CLIENTS), names), some, min_size=1, max_size=12)
    )
    retired = data.draw(st.dictionaries(st.sampled_from(CLIENTS), some))
    fleet = shops(
        tmp_path_factory.mktemp("shops"), [(*key, items) for key, items in rows.items()], retired
    )
    asked = pl.DataFrame(
        [(client, customer) for client in CLIENTS for customer in ("ann", "bob", "ünï", "zoe")],
        schema=["client", "customer"], orient="row",
    )  # fmt: skip
    service = LookupService(fleet, length=3)

    for row in offered(fleet, asked, length=3).iter_rows(named=True):
        told = service.recommend(row["client"], row["customer"])
        assert (told.items, told.source) == (row["items"], row["source"]), row
        assert not {*told.items} & {*retired.get(row["client"], [])}
