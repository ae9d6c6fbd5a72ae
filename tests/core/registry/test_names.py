"""A name is seen whole and spelt in one way, wherever it enters."""

import unicodedata

import polars as pl
import pytest

import argosy
from argosy.errors import BadInput
from argosy.registry.names import refuse_bad_name, refuse_unclear_name

UNSEEN = ["a\u200bb", "a\ufeffb", "a\u202eb", "a\u2066b", "a\xa0b", "a\u2028b", "a\xadb", "\u3164"]
TWIN = unicodedata.normalize("NFD", "crédit")


@pytest.fixture
def fleet(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["known"], "version": ["1"]})
    return fleet


def enter(fleet, name):
    """Every way in for a name, by what it is the name of."""
    one = {"model": ["new"], "version": ["1"]}
    note = {"model": ["known"], "topic": [name], "text": ["x"]}
    return {
        "model": lambda: fleet.register({**one, "model": [name]}),
        "version": lambda: fleet.register({**one, "version": [name]}),
        "team": lambda: fleet.register({**one, "team": [name]}),
        "owner": lambda: fleet.set_owner([{"model": "known"}], name),
        "template": lambda: fleet.define({"template": [name], "trainer": ["majority"]}),
        "template of a model": lambda: fleet.register({**one, "template": [name]}),
        "tag": lambda: fleet.tag([{"model": "known"}], {name: "x"}),
        "param": lambda: fleet.register([{"model": "new", "version": "1", "params": {name: "x"}}]),
        "alias": lambda: fleet.set_alias({"model": ["known"], "version": ["1"]}, name),
        "role": lambda: fleet.bind([{"role": name, "url": "x.csv"}], check=False),
        "group": lambda: fleet.in_group(name),
        "actor": lambda: argosy.open(fleet.url, actor=name),
        "key of a plugin's entity": lambda: fleet.put("note", note),
    }


WAYS = sorted(enter(None, ""))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [*UNSEEN, "a ", "\tb", "x" * 201], ids=ascii)
def test_a_name_with_what_nobody_sees_enters_nowhere(fleet, way, name):
    before = fleet.seq

    with pytest.raises(BadInput):
        enter(fleet, name)[way]()

    assert before == fleet.seq


@pytest.mark.parametrize("way", WAYS)
def test_a_name_has_one_spelling(fleet, way):
    with pytest.raises(BadInput, match="NFC.*write it as 'crédit'"):
        enter(fleet, TWIN)[way]()


def test_the_same_name_in_two_spellings_is_one_model(fleet):
    fleet.register({"model": [unicodedata.normalize("NFC", TWIN)], "version": ["1"]})

    with pytest.raises(BadInput):
        fleet.register({"model": [TWIN], "version": ["2"]})
    assert ["crédit", "known"] == fleet.models().collect()["model"].to_list()


@pytest.mark.parametrize("name", ["ops@example.org", "a/b", "DOMAIN\\me", "prêt", "模型 7"])
def test_names_of_people_may_hold_what_paths_may_not(name):
    refuse_unclear_name(name, "owner")


@pytest.mark.parametrize("name", ["a\ud800", "a/b", ""])
def test_a_single_name_is_refused_as_one_in_a_table_is(name):
    with pytest.raises(BadInput, match="alias"):
        refuse_bad_name(name, "alias")


def test_the_row_and_the_column_of_a_key_are_named(fleet):
    entries = [[{"key": "a", "value": "x"}], [{"key": "a\u200b", "value": "x"}]]
    tags = pl.Series("tags", entries).cast(pl.Map(pl.String, pl.String))
    rows = pl.DataFrame({"model": ["known"] * 2}).with_columns(tags)

    with pytest.raises(BadInput, match="row 1: a key of tags of a tag table"):
        fleet.tag(rows)
