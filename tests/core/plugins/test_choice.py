"""What the user chooses among plugins: left out, preferred, and taken where nobody names any."""

from dataclasses import replace
from itertools import product

import pytest

from argosy.errors import BadInput, PluginError, UnknownName
from argosy.plugins import Installed, installed
from argosy.plugins.choice import Choice
from argosy.plugins.settings import options, using
from argosy.types import Detector

from .test_discovery import offers, plugin


def chosen(**said):
    lists = {"disable": [], "prefer": [], "defaults": []} | said
    return Choice.read(*lists.values(), Installed.kinds())


@pytest.fixture
def both(monkeypatch):
    """Two plugins that offer one detector, and one that offers another."""
    rivals = [plugin(name, monkeypatch, argosy_detectors=offers("same")) for name in ("one", "two")]
    return [*rivals, plugin("three", monkeypatch, argosy_detectors=offers("other"))]


@pytest.mark.parametrize("giver", ["one", "two"])
@pytest.mark.parametrize("form", ["detectors.same={}", "{}"])
def test_whoever_is_preferred_offers_the_name(both, giver, form):
    found = Installed(both, chosen(prefer=[form.format(giver)]))

    assert list(found.detectors) == ["other", "same"]
    assert found.detectors.givers["same"].name == giver
    assert not found.detectors.faults


def test_one_who_does_not_offer_it_cannot_be_preferred(both):
    found = Installed(both, chosen(prefer=["detectors.same=three"]))

    with pytest.raises(PluginError, match="from 'three', which does not offer it here"):
        found.detectors["same"]


@pytest.mark.parametrize("left", ["detectors.other", "three"])
def test_a_plugin_or_one_offer_is_left_out(both, left):
    found = Installed(both, chosen(disable=[left], prefer=["one"]))

    assert list(found.detectors) == ["same"]
    with pytest.raises(UnknownName, match="plugins.disable"):
        found.detectors["other"]


def test_a_name_of_nobody_is_told(both):
    told = Installed(both, chosen(disable=["thre"], prefer=["detectors.same=on"])).unloaded()

    assert "plugins.disable says 'thre', and no plugin is called 'thre'; did you mean" in told[0]
    assert "plugins.prefer says 'detectors.same=on'" in told[1]


def test_an_offer_of_nobody_that_is_left_out_is_told(both):
    found = Installed(both, chosen(disable=["detectors.othr"], prefer=["one"]))

    assert (
        "leaves out what nobody offers here: no detector is called 'othr'; did you mean"
        in (found.detectors.faults[0])
    )


@pytest.mark.parametrize(
    ("section", "said", "error"),
    [
        ("disable", "detector.psi", UnknownName),
        ("disable", "detectors.", BadInput),
        ("prefer", "=acme", BadInput),
        ("prefer", "metric.auc=acme", UnknownName),
        ("defaults", "psi", BadInput),
        ("defaults", "+detector.psi", UnknownName),
    ],
)
def test_what_is_no_address_is_refused_by_its_section(section, said, error):
    with pytest.raises(error, match=f"plugins.{section}"):
        chosen(**{section: [said]})


class Owner:
    """A distribution."""

    def __init__(self, name):
        self.name, self.version = name, "1"
        self.metadata = {"Name": name, "Version": "1"}


class Entry:
    """An entry point of a distribution."""

    def __init__(self, entry, owner):
        self.name, self.module, self.value = entry.name, entry.module, entry.value
        self.load, self.dist = entry.load, Owner(owner)


@pytest.mark.parametrize(("exact", "more"), list(product([False, True], repeat=2)))
def test_what_a_stranger_installs_takes_part_only_where_it_is_asked_for(monkeypatch, exact, more):
    own = Entry(plugin("own", monkeypatch, argosy_detectors=offers("old")), "argosy")
    new = Entry(plugin("new", monkeypatch, argosy_detectors=offers("mine")), "argosy-mine")
    said = ["detectors.old"] * exact + ["+detectors.mine"] * more
    found = Installed([own, new], chosen(defaults=said))

    assert found.usual("detectors") == ("old", "mine")[: 1 + more]
    assert found.detectors["mine"].name == "mine"


def test_a_default_that_nobody_offers_is_refused(monkeypatch):
    own = Entry(plugin("own", monkeypatch, argosy_detectors=offers("old")), "argosy")

    with pytest.raises(UnknownName, match="no detector is called 'odl'; did you mean 'old'"):
        Installed([own], chosen(defaults=["detectors.odl"])).usual("detectors")


def test_a_built_in_is_wrapped_by_its_name_and_keeps_its_place(monkeypatch):
    """Who wraps it takes it from the plugin that offers it, whoever else does."""
    own = Entry(plugin("own", monkeypatch, argosy_detectors=offers("old")), "argosy")
    found = []

    def argosy_detectors():
        inner = found[0].given("detectors", "own")["old"]
        yield replace(inner, floor=0.9)

    new = Entry(plugin("new", monkeypatch, argosy_detectors=argosy_detectors), "argosy-new")
    found.append(Installed([own, new], chosen(prefer=["detectors.old=new"])))

    assert found[0].detectors["old"].floor == 0.9
    assert found[0].usual("detectors") == ("old",)


def test_two_distributions_with_a_plugin_of_one_name_load_neither(monkeypatch):
    first = Entry(plugin("same", monkeypatch, argosy_detectors=offers("x")), "argosy-a")
    second = Entry(plugin("same", monkeypatch, argosy_detectors=offers("x")), "argosy-b")
    third = Entry(plugin("other", monkeypatch, argosy_detectors=offers("y")), "argosy-c")
    found = Installed([first, second, third])

    assert [one.state for one in found.plugins] == ["loaded", "failed"]
    assert 'prefer = ["same=argosy-a"]' in found.plugin("same").reason
    assert list(found.detectors) == ["y"]
    assert list(Installed([first, second], chosen(prefer=["same=argosy-b"])).detectors) == ["x"]


def test_the_settings_choose_and_workers_choose_alike():
    """`using` is what workers are sent."""
    with using({"plugins": {"disable": "detectors.psi,report", "defaults": ["metrics.auc"]}}):
        assert "psi" not in installed().detectors
        assert installed().plugin("report").state == "blocked"
        assert installed().usual("metrics") == ("auc",)
        assert options("plugins").disable == ["detectors.psi", "report"]
    assert "psi" in installed().detectors


def test_the_environment_and_the_file_choose(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "argosy.toml").write_text('[plugins]\ndisable = ["detectors.psi"]\n')

    assert "psi" not in installed().detectors
    monkeypatch.setenv("ARGOSY_PLUGINS__DISABLE", "detectors.ks")
    assert "psi" in installed().detectors
    assert "ks" not in installed().detectors
    monkeypatch.setenv("ARGOSY_BLOCK_PLUGINS", "metrics.auc")
    assert "auc" not in installed().metrics


FIELDS = [("name", "Bad Name"), ("name", ""), ("name", 7), ("kinds", "numeric"),
          ("kinds", frozenset({"numerical"})), ("measure", "no function"), ("floor", "0.1"),
          ("floor", None), ("effect", 3), ("default", "yes"), ("weight", True),
          ("dependence", "some"), ("of", "rows")]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), FIELDS)
def test_a_value_whose_field_holds_something_else_takes_part_in_nothing(monkeypatch, field, value):
    good = Detector("good", frozenset({"numeric"}), lambda table: table, 0.1, "nothing")
    bad = replace(replace(good, name="bad"), **{field: value})
    found = Installed([plugin("mine", monkeypatch, argosy_detectors=lambda: [good, bad])])

    assert list(found.detectors) == ["good"]
    assert repr(value) in found.detectors.faults[0]
    assert "plugin 'mine' of" in found.detectors.faults[0]


def test_every_value_of_every_built_in_fits():
    told = {kind: installed().offered(kind).faults for kind in Installed.kinds()}

    assert not any(told.values()), told


def test_whoever_came_besides_is_said_to_be_the_one_to_leave_out(monkeypatch):
    """Not the built-in, which offers more than the one name."""
    for stranger in ("acme", "zulu"):
        new = Entry(plugin(stranger, monkeypatch, argosy_detectors=offers("ks")), "argosy-new")
        own = Entry(plugin("detectors", monkeypatch, argosy_detectors=offers("ks")), "argosy")
        told = Installed([new, own]).detectors.contested["ks"]

        assert f'disable = ["{stranger}"]' in told
        assert 'prefer = ["detectors.ks=detectors"]' in told


def test_one_plugin_that_offers_a_name_twice_is_named(monkeypatch):
    twice = plugin("one", monkeypatch, argosy_detectors=lambda: [*offers("x")(), *offers("x")()])

    assert "offers the detector 'x' twice" in Installed([twice]).detectors.contested["x"]
