"""What every exporter must do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.inert import visible
from argosy.plugins import installed
from argosy.tables import BESIDES
from argosy.testing.readings import READINGS, reading
from argosy.views.tables import whole_tables

if TYPE_CHECKING:
    from pathlib import Path

    from argosy.types import Exporter


class ExporterSuite:
    """Inherit this, set `name` and `suffix`, define `models`, and your exports are complete."""

    name: str
    """The exporter under test."""

    suffix: str = ""
    """The ending of what it writes, with the dot."""

    lists_models: bool = True
    """Whether an export names the models; False for one of runs or of changes."""

    @property
    def exporter(self) -> Exporter:
        """Return the exporter as the core finds it."""
        return installed().exporters[self.name]

    def models(self, path: Path) -> list[str]:
        """Return the names of the models in an export, in any order; define this."""
        raise NotImplementedError(f"{type(self).__name__} cannot read an export")

    def written(self, of: str, path: Path) -> Path:
        """Export one of `argosy.testing.readings.READINGS` as the core does."""
        handed = whole_tables(reading(of), self.exporter.tables)
        answer = self.exporter.write(handed, str(path), {})  # type: ignore[func-returns-value]
        assert answer is None, type(answer)
        return path

    def test_it_is_described(self) -> None:
        """Users choose it by name; the core hands over the tables that it asks for."""
        assert self.exporter.name == self.name.lower()
        assert self.exporter.summary.strip()
        assert self.exporter.tables
        known = {*reading("empty").tables(), *BESIDES}
        assert set(self.exporter.tables) <= known

    def test_every_fleet_can_be_exported(self, tmp_path: Path) -> None:
        """Without models, without runs, as it stood, with hostile names and with thousands."""
        for of in READINGS:
            assert self.written(of, tmp_path / f"{of}{self.suffix}").exists(), of

    def test_every_model_is_in_it_once(self, tmp_path: Path) -> None:
        """Letter by letter, whatever the name."""
        if not self.lists_models:
            return
        for of in READINGS:
            path = self.written(of, tmp_path / f"{of}{self.suffix}")
            names = reading(of).models().collect()["model"].to_list()
            assert sorted(names) == sorted(self.models(path)), of

    def test_it_writes_where_it_was_told_and_nowhere_else(self, tmp_path: Path) -> None:
        """Nothing is left beside an export."""
        path = self.written("checked", tmp_path / f"export{self.suffix}")

        assert [path] == list(tmp_path.iterdir())

    def test_an_older_export_is_replaced(self, tmp_path: Path) -> None:
        """Rows of last week's export are no rows of this one."""
        new = self.written("checked", tmp_path / f"new{self.suffix}")
        again = self.written("many", tmp_path / f"again{self.suffix}")
        self.written("checked", again)

        if self.lists_models:
            assert sorted(self.models(new)) == sorted(self.models(again))
        elif new.is_file():
            assert new.read_bytes() == again.read_bytes()

    def test_an_export_that_cannot_be_written_raises(self, tmp_path: Path) -> None:
        """Else nobody learns that it is missing."""
        (tmp_path / "file").write_text("no folder")
        try:
            self.written("checked", tmp_path / "file" / f"export{self.suffix}")
        except Exception:
            return
        raise AssertionError("it said nothing")

    def test_what_it_writes_as_text_is_inert(self, tmp_path: Path) -> None:
        """What steers, hides or reorders is escaped: texts come from strangers."""
        path = self.written("hostile", tmp_path / f"export{self.suffix}")
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            content = file.read_bytes() if file.is_file() else b""
            try:
                text = content.decode()
            except UnicodeDecodeError:  # no text, such as Parquet
                continue
            layout = str.maketrans("", "", "\t\r\n")
            if "\x00" not in text:
                assert visible(text.translate(layout)) == text.translate(layout), file

    def test_exporting_changes_nothing(self, tmp_path: Path) -> None:
        """An exporter is handed tables; the fleet is none of its business."""
        before = reading("checked").seq
        self.written("checked", tmp_path / f"export{self.suffix}")

        assert before == reading("checked").seq
