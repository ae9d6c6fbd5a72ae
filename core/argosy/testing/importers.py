"""What every importer must do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
from polars.testing import assert_frame_equal

import argosy
from argosy.plugins import installed

if TYPE_CHECKING:
    from pathlib import Path

    from argosy.types import Importer

LISTED = pl.DataFrame(
    {
        "model": ["plain", "é 字 🚢", 'comma, "quote"', "<b title=1>", "{{ 7 * 7 }}"],
        "version": ["1", "01", "1.10", "2026-01-31", "v2"],
        "owner": ["ann", None, "bo, jr.", "é 字", "<b>"],
        "team": ["risk", "risk", None, "web", "web"],
    }
)
"""Models as another system may list them; a version is a name, never a number."""

_MANY = 5_000


class ImporterSuite:
    """Inherit this, set `name`, define `write`, and your importer brings in what is listed."""

    name: str
    """The importer under test."""

    suffix: str = ""
    """The ending of a list, with the dot."""

    carries: tuple[str, ...] = ("owner",)
    """Of the columns of `LISTED`, those that come in besides the model and the version."""

    keeps_empty: bool = True
    """Whether a list without models is one; False where an empty file means a mistake."""

    @property
    def importer(self) -> Importer:
        """Return the importer as the core finds it."""
        return installed().importers[self.name]

    def write(self, listed: pl.DataFrame, path: Path) -> None:
        """Write models, with the columns of `LISTED`, as the other system would; define this."""
        raise NotImplementedError(f"{type(self).__name__} cannot write")

    def read(self, path: Path) -> pl.DataFrame:
        """Read a list as the core does."""
        answer = self.importer.read(str(path), {})
        assert isinstance(answer, pa.Table), type(answer)
        frame = pl.DataFrame(answer)
        assert isinstance(frame, pl.DataFrame)
        return frame

    def written(self, listed: pl.DataFrame, folder: Path) -> Path:
        """Write a list into a folder."""
        path = folder / f"list{self.suffix}"
        self.write(listed, path)
        return path

    def test_it_is_described(self) -> None:
        """Users choose it by name from a list."""
        assert self.importer.name == self.name.lower()
        assert self.importer.summary.strip()

    def test_every_model_comes_in_as_it_is_listed(self, tmp_path: Path) -> None:
        """Names and versions of any script, letter by letter, and what is missing is null."""
        columns = ["model", "version", *self.carries]
        found = self.read(self.written(LISTED, tmp_path))

        assert_frame_equal(
            LISTED.select(columns), found.select(columns), check_row_order=False, check_dtypes=False
        )

    def test_what_it_brings_can_be_registered(self, tmp_path: Path) -> None:
        """In one change, with columns that argosy knows."""
        table = self.importer.read(str(self.written(LISTED, tmp_path)), {})
        fleet = argosy.open(str(tmp_path / "fleet"), create=True)

        assert fleet.register(table)["outcome"].to_list() == ["registered"] * LISTED.height

    def test_thousands_of_models_come_in_at_once(self, tmp_path: Path) -> None:
        """As one table."""
        names = [f"m{number}" for number in range(_MANY)]
        many = pl.DataFrame({"model": names, "version": "1", "owner": "ann", "team": "risk"})

        assert sorted(names) == sorted(self.read(self.written(many, tmp_path))["model"])

    def test_a_list_without_models_brings_none(self, tmp_path: Path) -> None:
        """It is no error, where the format can say so."""
        try:
            found = self.read(self.written(LISTED.clear(), tmp_path))
        except Exception:
            if self.keeps_empty:
                raise
            return

        assert found.height == 0

    def test_what_is_missing_or_no_list_raises(self, tmp_path: Path) -> None:
        """A wrong URL must not pass for an empty list, nor a picture for a list."""
        other = tmp_path / f"other{self.suffix}"
        other.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
        for path in (tmp_path / f"absent{self.suffix}", other):
            try:
                found = self.read(path)
            except Exception:  # noqa: S112  (it is what should happen)
                continue
            assert "model" not in found.columns, f"it found {found.height} models in {path.name}"

    def test_reading_leaves_the_list_as_it_was(self, tmp_path: Path) -> None:
        """And reads the same again."""
        path = self.written(LISTED, tmp_path)
        before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
        first, second = self.read(path), self.read(path)

        assert_frame_equal(first, second)
        assert before == {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
