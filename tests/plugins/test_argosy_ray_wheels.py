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


BACKEND = """
from zipfile import ZipFile

NAME = "x-1-py3-none-any.whl"


def build_wheel(folder, config_settings=None, metadata_directory=None):
    about = {"METADATA": "Metadata-Version: 2.1\\nName: x\\nVersion: 1\\n",
             "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
             "RECORD": ""}
    with ZipFile(f"{folder}/{NAME}", "w") as archive:
        archive.writestr("x_of_this_folder.py", "")
        for file, text in about.items():
            archive.writestr(f"x-1.dist-info/{file}", text)
    return NAME
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


@pytest.mark.parametrize("given", ["./x", "x", "../here/x"])
def test_a_project_is_a_path_and_never_a_name_of_an_index(given, tmp_path, monkeypatch):
    """It is built in the folder where somebody stands, of which nothing else runs."""
    here = tmp_path / "here"
    (here / "x").mkdir(parents=True)
    (here / "x" / "pyproject.toml").write_text(PROJECT)
    (here / "x" / "backend.py").write_text(BACKEND)
    for trap in ("pip", "runpy", "zipfile", "tempfile"):
        (here / f"{trap}.py").write_text(f"open({str(tmp_path / 'hit')!r}, 'w')")
    monkeypatch.chdir(here)
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    assert "x_of_this_folder.py" in [Path(sent).name for sent in modules([given])]
    assert not (tmp_path / "hit").exists()
