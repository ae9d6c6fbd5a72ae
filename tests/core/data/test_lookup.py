"""Look-ups equal a plain filter of the same files, whatever is asked for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import argosy
from argosy.data import lookup as handles
from argosy.errors import BadInput, StoreError, UnknownName
from argosy.store.location import Location
from argosy_predict.files import Files

MODELS, CUSTOMERS = 40, 25


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lists")


@pytest.fixture(scope="module")
def rows():
    """Lists of customers with sparse numbers, one of whom has two rows."""
    generator = np.random.default_rng(3)
    return [
        pl.DataFrame(
            {
                "model": [f"m{number}"] * CUSTOMERS,
                "version": ["1"] * CUSTOMERS,
                "customer": np.sort(generator.choice(200, CUSTOMERS)),
                "prediction": generator.integers(0, 50, (CUSTOMERS, 5)).tolist(),
            }
        )
        for number in range(MODELS)
    ]


def made(folder, name="fleet"):
    names = [f"m{number}" for number in range(MODELS)]
    fleet = argosy.open(str(folder / name), create=True, actor="tests")
    fleet.register({"model": [*names, "bare"], "version": ["1"] * (MODELS + 1)})
    return fleet


@pytest.fixture(scope="module")
def fleet(folder, rows):
    """Every other model's lists in row groups of its own, those of the rest all mixed up."""
    fleet = made(folder)
    with Files(Location(str(folder)), "own") as files:
        for part in rows[::2]:
            name = files.add(part.to_arrow(), ["model", "customer"])
    mixed = pl.concat(rows[1::2]).sample(fraction=1.0, shuffle=True, seed=1)
    mixed.write_parquet(folder / "mixed.parquet", row_group_size=64)
    bind(fleet, [f"m{number}" for number in range(0, MODELS, 2)], folder / "own" / name)
    bind(fleet, [f"m{number}" for number in range(1, MODELS, 2)], folder / "mixed.parquet")
    return fleet


@pytest.fixture(scope="module")
def look(fleet):
    return fleet.lookup("lists")


def bind(fleet, models, url, **binding):
    told = {"role": "lists", "url": str(url), "key": "model", "id": "customer", **binding}
    fleet.bind([{**told, "model": model} for model in models])


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(model=st.integers(0, MODELS - 1), customer=st.integers(-5, 205))
def test_a_lookup_equals_a_plain_filter(fleet, look, model, customer):
    [url] = fleet.bindings().filter(role="lists", model=f"m{model}").collect()["url"]
    wanted = pl.read_parquet(url).filter(
        pl.col("model") == f"m{model}", pl.col("customer") == customer
    )

    found = look.get(f"m{model}", customer)

    assert found == (wanted.to_dicts()[-1] if wanted.height else None)


def test_an_id_may_be_given_as_text(fleet, rows):
    customer = rows[4]["customer"][0]

    assert fleet.lookup("lists").get("m4", str(customer))["customer"] == customer


@pytest.mark.parametrize("identity", ["nobody", 1.5, None, date(2026, 1, 1), [1], 2**70])
def test_what_is_no_id_has_no_row(fleet, identity):
    assert fleet.lookup("lists").get("m4", identity) is None


def test_an_unknown_model_is_named_and_one_without_lists_has_none(fleet):
    look = fleet.lookup("lists")

    with pytest.raises(UnknownName, match="no model is called 'm40'; did you mean 'm"):
        look.get("m40", 1)
    assert look.get("bare", 1) is None
    with pytest.raises(UnknownName, match="no role is called 'list'; did you mean 'lists'"):
        fleet.lookup("list")


def test_it_stays_as_it_was_until_it_is_refreshed(folder, rows):
    fleet = made(folder, "refreshed")
    rows[0].write_parquet(folder / "old.parquet")
    rows[0].with_columns(version=pl.lit("2")).write_parquet(folder / "new.parquet")
    bind(fleet, ["m0"], folder / "old.parquet")
    look, customer = fleet.lookup("lists"), rows[0]["customer"][0]
    assert not look.refresh()

    bind(argosy.open(fleet.url), ["m0"], folder / "new.parquet")

    assert "1" == look.get("m0", customer)["version"]
    assert look.refresh()
    assert "2" == look.get("m0", customer)["version"]
    assert "1" == fleet.as_of(fleet.seq - 1).lookup("lists").get("m0", customer)["version"]


def test_another_name_in_the_key_is_the_bindings(folder, rows):
    """Numbers of clients as keys, for one."""
    fleet = made(folder, "numbered")
    numbers = rows[0].with_columns(model=pl.lit(17)).vstack(rows[1].with_columns(model=pl.lit(4)))
    numbers.write_parquet(folder / "numbers.parquet")
    bind(fleet, ["m0"], folder / "numbers.parquet", key_value="4")
    bind(fleet, ["m1"], folder / "numbers.parquet", key_value="none")

    look, customer = fleet.lookup("lists"), rows[1]["customer"][0]

    assert 4 == look.get("m0", customer)["model"]
    assert look.get("m1", customer) is None


def test_a_file_of_one_model_needs_no_key(folder, rows):
    fleet = made(folder, "single")
    rows[0].write_parquet(folder / "single.parquet")
    bind(fleet, ["m0"], folder / "single.parquet", key=None)

    assert fleet.lookup("lists").get("m0", rows[0]["customer"][3])["version"] == "1"


@pytest.mark.parametrize(
    ("binding", "told"),
    [
        ({"id": None}, "names no column `id`"),
        ({"where": "customer > 3"}, "has a `where`"),
        ({"format": "csv"}, "is csv, not Parquet"),
    ],
)
def test_what_cannot_be_looked_up_says_why(folder, rows, binding, told):
    name = f"refused{len(told)}"
    fleet = made(folder, name)
    rows[0].drop("prediction").write_parquet(folder / f"{name}.parquet")
    usual = {"role": "lists", "url": str(folder / f"{name}.parquet"), "key": "model"}
    fleet.bind([{**usual, "id": "customer", "model": "m0", **binding}], check=False)

    with pytest.raises(BadInput, match=told):
        fleet.lookup("lists").get("m0", 1)


def test_a_missing_file_says_which_and_what_to_do(folder, rows):
    fleet = made(folder, "missing")
    rows[0].write_parquet(folder / "gone.parquet")
    bind(fleet, ["m0"], folder / "gone.parquet")
    Path(folder / "gone.parquet").unlink()

    with pytest.raises(StoreError, match=r"gone.parquet: .*; predict again, or roll back"):
        fleet.lookup("lists").get("m0", 1)


def test_threads_may_ask_at_once_and_few_files_stay_open(folder, rows, monkeypatch):
    monkeypatch.setattr(handles, "_OPEN", 3)
    fleet = made(folder, "threads")
    for number in range(10):
        rows[number].write_parquet(folder / f"one{number}.parquet")
        bind(fleet, [f"m{number}"], folder / f"one{number}.parquet")
    look = fleet.lookup("lists")
    asked = [
        (number % 10, int(rows[number % 10]["customer"][number % 25])) for number in range(500)
    ]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda pair: look.get(f"m{pair[0]}", pair[1]), asked))

    assert asked == [(int(row["model"][1:]), row["customer"]) for row in found]
    assert 3 == len(look._tables)
