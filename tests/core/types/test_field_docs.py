"""`help` of a class that plugins yield shows what stands beneath its fields."""

import pydoc
from dataclasses import fields, is_dataclass

import pytest

import argosy.types
from argosy.plugins import Installed

VALUES = sorted(
    {vars(Installed)[kind].offers for kind in Installed.kinds()}, key=lambda of: of.__name__
)


@pytest.mark.parametrize("value", VALUES)
def test_help_tells_every_field(value):
    told = pydoc.plain(pydoc.render_doc(value))
    section = told.partition("Fields:")[2]

    for field in fields(value):
        assert f"{field.name}: " in section, field.name


def test_a_class_keeps_its_own_words_first():
    assert argosy.types.Detector.__doc__.startswith("A drift detector.\n\nFields:\n    name: str\n")


def test_a_class_without_fields_to_tell_is_as_it_was():
    plain = [of for of in map(vars(argosy.types).get, argosy.types.__all__) if not is_dataclass(of)]

    assert all("Fields:" not in (of.__doc__ or "") for of in plain)
