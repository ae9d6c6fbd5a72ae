"""What is sent to workers that lack a plugin."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from argosy.errors import PluginError
from argosy_ray.wheels import modules


def wheel(folder, *names):
    path = folder / "odd-1-py3-none-any.whl"
    with ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return str(path)


def test_the_code_is_sent_with_the_names_by_which_plugins_are_found(tmp_path):
    """Without its entry points a plugin could be imported, and would not be found."""
    given = wheel(tmp_path, "odd/__init__.py", "single.py", "odd-1.dist-info/entry_points.txt")
    sent = [Path(one) for one in modules([given])]

    assert [one.name for one in sent] == ["odd", "odd-1.dist-info", "single.py"]
    assert (sent[1] / "entry_points.txt").is_file()


def test_what_is_no_wheel_is_refused_by_name(tmp_path):
    (tmp_path / "torn.whl").write_text("torn")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/pyproject.toml").write_text("[build-system]\nrequires = 3\n")

    for given, told in (
        ("nowhere", "neither a wheel nor a project"),
        ("torn.whl", "torn.whl is no wheel"),
        ("project", "cannot build a wheel of"),
    ):
        with pytest.raises(PluginError, match=told):
            modules([str(tmp_path / given)])


@pytest.mark.parametrize("name", ["odd.so", "odd-1.data/purelib/odd.py"])
def test_what_cannot_be_sent_is_refused_by_name(tmp_path, name):
    with pytest.raises(PluginError, match=r"which cannot be sent to workers"):
        modules([wheel(tmp_path, "odd-1.dist-info/METADATA", name)])
