"""Secrets: looked up where they lie, named where they are missing, seen nowhere."""

import json
import os
from typing import Annotated

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretStr, ValidationError

from argosy.errors import ArgosyWarning, BadInput
from argosy.plugins import options
from argosy.plugins.hidden import MASK, hidden
from argosy.plugins.secret_fields import each, holds_secret, in_section, refused_value
from argosy.plugins.secrets import looked_up, shown
from argosy.plugins.settings import carried, check, declared, masked, using, with_arguments
from argosy.store.location import Location
from argosy.store.options import with_secrets
from argosy_cli.option_help import described, type_of

CANARY = "canary-7f3a-9911"


class Inner(BaseModel):
    name: str = ""
    key: SecretStr | None = None


KINDS = st.recursive(
    st.sampled_from([(SecretStr, CANARY), (str, "plain"), (int, 3), (Inner, {"key": CANARY})]),
    lambda inner: st.one_of(
        inner.map(lambda one: (list[one[0]], [one[1], one[1]])),
        inner.map(lambda one: (dict[str, one[0]], {"a": one[1]})),
        inner.map(lambda one: (one[0] | None, one[1])),
        inner.map(lambda one: (tuple[int, one[0]], [1, one[1]])),
        inner.map(lambda one: (Annotated[one[0], Field()], one[1])),
    ),
    max_leaves=6,
)


@given(KINDS)
def test_a_secret_is_found_wherever_a_type_declares_one(drawn):
    """As deep as options may be, and nothing else is touched."""
    kind, value = drawn
    masked_value = each(kind, value, lambda _: MASK)

    assert CANARY not in json.dumps(masked_value)
    assert holds_secret(kind) == (MASK in json.dumps(masked_value))
    assert each(kind, value, lambda held: held) == value


@pytest.fixture
def secret(tmp_path, monkeypatch):
    """The canary, as a variable and as a file that only its owner may read."""
    monkeypatch.setenv("THE_CANARY", CANARY)
    path = tmp_path / "canary"
    path.write_text(CANARY + "\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("way", ["plain", "env", "file", "env as text", "file as text"])
def test_an_option_takes_a_secret_or_where_it_lies(way, secret):
    told = {"plain": CANARY, "env": {"env": "THE_CANARY"}, "file": {"file": str(secret)}}
    kind, _, text = way.partition(" ")
    given = json.dumps(told[kind]) if text else told[kind]
    with using({"notices": {"token": given}}):
        assert options("notices").token.get_secret_value() == CANARY
        assert CANARY not in json.dumps(masked("notices"))
        assert CANARY not in repr(carried())
        rows = described(declared()["notices"], "notices").to_dicts()
        handed = cloudpickle.loads(cloudpickle.dumps(carried()))
    assert CANARY not in json.dumps(rows)
    assert ("THE_CANARY" in json.dumps(rows)) == (kind == "env")

    with using(handed):
        assert options("notices").token.get_secret_value() == CANARY


def test_a_worker_is_handed_what_only_the_driver_can_look_up(secret, monkeypatch):
    with using({"notices": {"token": {"env": "THE_CANARY"}}}):
        handed = carried()
    monkeypatch.delenv("THE_CANARY")

    with using(handed):
        assert options("notices").token.get_secret_value() == CANARY


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ({"env": "NOT_SET_ANYWHERE"}, "notices.token is to be the variable NOT_SET_ANYWHERE"),
        ({"env": "EMPTY_HERE"}, "the variable EMPTY_HERE, which is not set"),
        ({"file": "/nowhere/token"}, "the file /nowhere/token, which cannot be read"),
        ({"file": "/dev/zero"}, "/dev/zero, which is no file"),
        ({"file": "/"}, "in /, which is no file"),
    ],
)
def test_what_a_reference_means_must_be_there_before_anything_begins(reference, said, monkeypatch):
    monkeypatch.setenv("EMPTY_HERE", "")
    with using({"notices": {"token": reference}}), pytest.raises(BadInput, match=said):
        check()


def test_a_file_that_is_empty_or_binary_is_refused(tmp_path):
    for content, said in ((b"\n", "which is empty"), (b"\xff\xfe\x00", "it is no text")):
        path = tmp_path / said.split()[-1]
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(BadInput, match=said):
            looked_up({"file": str(path)}, "the option a.b")


def test_a_file_that_everybody_may_read_is_warned_about_once(secret):
    secret.chmod(0o644)
    with pytest.warns(ArgosyWarning, match=r"canary can be read or written by everybody.*chmod o="):
        looked_up({"file": str(secret)}, "it")
    looked_up({"file": str(secret)}, "it")


def test_a_wrong_secret_is_refused_without_being_told():
    class Options(BaseModel):
        pin: SecretStr = Field(SecretStr(""), min_length=40)

    with pytest.raises(ValidationError) as refused:
        Options.model_validate({"pin": CANARY})
    told = refused.value.errors()[0]
    assert refused_value(Options, told) == "what it is set to"


def test_an_argument_that_sets_nothing_is_refused_without_its_value():
    with pytest.raises(BadInput) as refused:
        with_arguments([f"token={CANARY}"])
    assert CANARY not in str(refused.value)


def test_what_was_looked_up_is_taken_out_of_texts():
    looked_up('quote"and\\slash', "it")
    assert hidden('it says quote"and\\slash') == f"it says {MASK}"
    assert hidden(json.dumps({"a": 'quote"and\\slash'})) == json.dumps({"a": MASK})


def test_a_type_says_how_a_secret_may_be_given():
    assert type_of(Inner.model_fields["key"]) == (
        "secret | None, also as {env = NAME} or {file = PATH}"
    )
    assert shown({"env": "A"}, "it") == {"env": "A"}
    assert in_section("x", None, {"a": 1}, shown) == {"a": 1}


def test_storage_options_may_refer_to_secrets_at_any_depth(secret):
    given = {"key": "k", "client_kwargs": {"password": {"file": str(secret)}, "region_name": "eu"}}
    found = with_secrets({**given, "secret": {"env": "THE_CANARY"}})

    assert found["client_kwargs"] == {"password": CANARY, "region_name": "eu"}
    assert found["secret"] == CANARY
    assert CANARY not in repr(Location("s3://bucket/fleet", found))
    with pytest.raises(BadInput, match="the storage option key is to be the variable NOT_THERE"):
        with_secrets({"key": {"env": "NOT_THERE"}})


def test_a_fleet_is_opened_with_references(secret, tmp_path):
    import argosy

    fleet = argosy.open(
        str(tmp_path / "f"), create=True, storage_options={"token": {"env": "THE_CANARY"}}
    )
    assert fleet.location.options["token"] == CANARY
    assert not any(
        CANARY in path.read_text(errors="replace")
        for path in (tmp_path / "f").rglob("*")
        if path.is_file()
    )
    assert os.environ["THE_CANARY"] == CANARY
