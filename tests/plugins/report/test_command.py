"""The command writes a report whole, or leaves the older one."""

from __future__ import annotations

import json

import pytest

from argosy.errors import BadInput
from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run
from argosy_report.command import write


class TestCommand:
    def test_a_report_is_written_and_its_size_told(self, tmp_path, capsys):
        fleet, path = logged_fleet(tmp_path, models=3), tmp_path / "out.html"

        assert run(["--fleet", fleet.url, "--json", "report", str(path)]) == 0
        assert {"report": str(path), "models": 3, "bytes": path.stat().st_size} == json.loads(
            capsys.readouterr().out
        )
        assert "No model has been checked yet" in path.read_text("utf-8")

    def test_an_older_report_is_replaced_and_nothing_is_left_beside_it(self, tmp_path):
        path = tmp_path / "out.html"
        path.write_text("old")

        assert write(path, "new") == 3
        assert path.read_text() == "new"
        assert [file.name for file in tmp_path.iterdir()] == ["out.html"]

    def test_a_write_that_fails_leaves_the_older_report(self, tmp_path, monkeypatch):
        path = tmp_path / "out.html"
        path.write_text("old")

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("pathlib.Path.replace", full)

        with pytest.raises(BadInput, match="No space left on device"):
            write(path, "new")
        assert path.read_text() == "old"
        assert [file.name for file in tmp_path.iterdir()] == ["out.html"]

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("missing/out.html", "does not exist"),
            ("model.skops", "ends in .html"),
            ("folder.html", "is a folder"),
        ],
    )
    def test_a_path_that_cannot_be_a_report_is_refused(self, path, reason, tmp_path, capsys):
        fleet = logged_fleet(tmp_path, models=1)
        (tmp_path / "folder.html").mkdir()
        (tmp_path / "model.skops").write_text("precious")

        assert run(["--fleet", fleet.url, "report", str(tmp_path / path)]) == 2
        assert reason in capsys.readouterr().err
        assert (tmp_path / "model.skops").read_text() == "precious"
