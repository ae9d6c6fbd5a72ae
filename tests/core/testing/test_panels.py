"""The suite for panels notices each fault, by the test that names it."""

from html import escape

import numpy as np
import pytest

from argosy.testing.panels import PanelSuite
from argosy.types import Panel

from .faults import failed


def listing(drawn):
    """Draw every model by itself."""
    return lambda fleet: "".join(map(drawn, fleet.models().collect()["model"]))


def tagging(fleet):
    fleet.tag(fleet.models().select("model").head(1).collect(), {"drawn": "yes"})
    return "<p>tagged</p>"


def panelling(render):
    class Suite(PanelSuite):
        name = "size"
        panel = Panel("size", "How large is it?", 5, render)

    return Suite


@pytest.mark.parametrize(
    ("render", "noticed"),
    [
        (listing(lambda name: f"<p>{name}</p>"), "hostile_names_stay_text"),
        (listing(lambda name: f"<p>{name}</p>"), "the_rest_of_the_page_is_left_alone"),
        (
            listing(lambda name: f"<p title='{escape(name, quote=False)}'></p>"),
            "hostile_names_stay_text",
        ),
        (
            listing(lambda name: f"<p>{escape(name.replace('{{ 7191 * 7 }}', '50337'))}</p>"),
            "hostile_names_stay_text",
        ),
        (lambda fleet: "<table><tr>", "the_rest_of_the_page_is_left_alone"),
        (
            lambda fleet: "<p><img src='https://wiki.example/logo.png'></p>",
            "the_rest_of_the_page_is_left_alone",
        ),
        (
            lambda fleet: f"<p>{escape(fleet.models().collect()['model'][0])}</p>",
            "every_fleet_can_be_drawn",
        ),
        (lambda fleet: b"<p></p>", "every_fleet_can_be_drawn"),
        (lambda fleet: None, "some_fleet_has_something_to_show"),
        (lambda fleet: f"<p>{np.random.default_rng().random()}</p>", "the_same_fleet_is_drawn"),
    ],
)
def test_a_faulty_panel_is_noticed(render, noticed, tmp_path):
    assert failed(panelling(render), tmp_path, noticed)


def test_a_panel_that_changes_the_fleet_is_noticed(tmp_path, own_readings):
    assert failed(panelling(tagging), tmp_path, "drawing_changes_nothing")


def test_a_sound_panel_passes(tmp_path):
    sound = listing(lambda name: f"<p title='{escape(name)}'>{escape(name)}</p>")

    assert set() == failed(panelling(sound), tmp_path)
