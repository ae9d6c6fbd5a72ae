"""The recommendations package: its place in the distribution."""

from importlib.metadata import entry_points


def test_the_package_is_registered_as_a_plugin():
    [entry] = entry_points(group="argosy", name="recommendations")

    assert "argosy_recommendations" == entry.value
