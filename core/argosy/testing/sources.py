"""What every data source must do."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from polars.testing import assert_frame_equal

import argosy
from argosy.errors import RowsRefused
from argosy.plugins import installed
from argosy.sql.expression import expression

if TYPE_CHECKING:
    from argosy.types import Source

ROWS = pl.DataFrame(
    {
        "number": [1, 2, 3, 4, 5],
        "amount": [0.5, -1e-7, None, 3.0, 1e300],
        "known": [True, None, False, True, True],
        "word": ["plain", "comma, quote \" and 'quote'", "é 字 🚢", None, " blank at the ends "],
    }
)
"""What any format of tables can hold."""

TYPED = ROWS.with_columns(
    day=pl.Series([date(2026, 1, day) for day in range(1, 6)]),
    small=pl.col("number").cast(pl.Float32),
    text=pl.Series(["", "2", "3.0", "true", None]),
)
"""What only a format that keeps types can hold."""

_TRUTH = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}
"""What stands for a boolean where there is none."""


class SourceSuite:
    """Inherit this, set `name` and `suffix`, define `write`, and your source reads it back."""

    name: str
    """The data format under test."""

    suffix: str
    """The ending of its files, with the dot; empty where none means this format."""

    keeps_types: bool = True
    """Whether a column comes back with the type it had; False for text, such as CSV, and for
    formats without booleans, where numbers or words stand for them."""

    empty_keeps_columns: bool = True
    """Whether a table without rows still has columns; False where each row names them."""

    @property
    def source(self) -> Source:
        """Return the source as the core finds it."""
        return installed().sources[self.name]

    @property
    def rows(self) -> pl.DataFrame:
        """The table that is written and read."""
        return TYPED if self.keeps_types else ROWS

    def write(self, frame: pl.DataFrame, path: Path) -> None:
        """Write a table in the format; define this."""
        raise NotImplementedError(f"{type(self).__name__} cannot write")

    def written(self, frame: pl.DataFrame, folder: Path) -> pl.LazyFrame:
        """Write a table and open it."""
        path = folder / f"table{self.suffix}"
        self.write(frame, path)
        return self.source.scan(str(path), {})

    def test_its_name_and_endings_are_what_users_type(self) -> None:
        """A binding without a format goes by the ending."""
        assert self.source.format == self.name.lower()
        assert all(suffix.startswith(".") for suffix in self.source.suffixes)
        assert not self.suffix or self.suffix in self.source.suffixes

    def test_the_rows_come_back(self, tmp_path: Path) -> None:
        """Every value, missing ones too, whatever the order of the rows."""
        found = self.written(self.rows, tmp_path).collect()
        if not self.keeps_types and found.schema["known"] != pl.Boolean:
            word = pl.col("known").cast(pl.String).str.to_lowercase()
            found = found.with_columns(known=word.replace_strict(_TRUTH, return_dtype=pl.Boolean))

        assert_frame_equal(self.rows, found.sort("number"), check_exact=True)

    def test_a_table_is_opened_lazily_and_knows_its_columns(self, tmp_path: Path) -> None:
        """Only the columns that a job needs are read."""
        scan = self.written(self.rows, tmp_path)

        assert isinstance(scan, pl.LazyFrame)
        assert self.rows.columns == scan.collect_schema().names()

    def test_columns_can_be_chosen(self, tmp_path: Path) -> None:
        """In any order."""
        chosen = self.written(self.rows, tmp_path).select("word", "number").collect()

        assert_frame_equal(self.rows.select("word", "number"), chosen.sort("number"))

    def test_rows_can_be_chosen(self, tmp_path: Path) -> None:
        """By a condition, which may keep none, and by columns that are not asked for."""
        scan = self.written(self.rows, tmp_path)
        some = scan.filter(expression("number > 2 AND word IS NOT NULL")).select("amount")
        none = scan.filter(pl.col("number") > 99).collect()

        assert_frame_equal(pl.DataFrame({"amount": [None, 1e300]}), some.collect().sort("amount"))
        assert none.columns == self.rows.columns
        assert none.height == 0

    def test_a_table_can_be_read_again(self, tmp_path: Path) -> None:
        """Opening and reading leave no trace in the data."""
        self.written(self.rows, tmp_path)
        files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        before = [path.read_bytes() for path in files]
        scan = self.source.scan(str(tmp_path / f"table{self.suffix}"), {})
        first, second = scan.collect().sort("number"), scan.collect().sort("number")

        assert first.equals(second)
        assert files == sorted(path for path in tmp_path.rglob("*") if path.is_file())
        assert before == [path.read_bytes() for path in files]

    def test_what_is_missing_raises(self, tmp_path: Path) -> None:
        """A wrong URL must not pass for an empty table."""
        try:
            found = self.source.scan(str(tmp_path / f"absent{self.suffix}"), {}).collect()
        except Exception:
            return
        raise AssertionError(f"it gave {found.height} rows of a table that does not exist")

    def test_a_binding_is_held_to_what_the_source_says(self, tmp_path: Path) -> None:
        """`bind` asks it what there is, and looks into no file system."""
        fleet = argosy.open(str(tmp_path / "fleet"), create=True, actor="tests")
        fleet.register({"model": ["m"], "version": ["1"]})
        url = str(tmp_path / f"table{self.suffix}")
        self.write(self.rows, Path(url))
        binding = {"role": "current", "url": url, "format": self.name, "where": "number > 1"}

        assert fleet.bind([binding])["outcome"].to_list() == ["bound"]
        for wrong, words in (
            ({"where": "nowhere > 1"}, self.rows.columns),
            ({"truth": "nowhere"}, self.rows.columns),
            ({"url": str(tmp_path / f"absent{self.suffix}")}, [f"absent{self.suffix}"]),
        ):
            try:
                fleet.bind([{**binding, **wrong}])
            except RowsRefused as error:
                told = str(error)
            else:
                raise AssertionError(f"{wrong} was bound")
            assert all(word in told for word in words), told

    def test_its_columns_are_told_as_they_are_read(self, tmp_path: Path) -> None:
        """Where it tells them by themselves, and whatever is not there raises."""
        if self.source.columns is None:
            return
        read = self.written(self.rows, tmp_path).collect_schema()
        told = self.source.columns(str(tmp_path / f"table{self.suffix}"), {})

        assert dict(read) == dict(told)
        try:
            self.source.columns(str(tmp_path / f"absent{self.suffix}"), {})
        except Exception:
            return
        raise AssertionError("it told the columns of a table that does not exist")

    def test_a_table_without_rows_has_none(self, tmp_path: Path) -> None:
        """And still has its columns, where the format can say so."""
        try:
            found = self.written(self.rows.clear(), tmp_path).collect()
        except Exception:
            if self.empty_keeps_columns:
                raise
            return

        assert found.height == 0
        assert not self.empty_keeps_columns or found.columns == self.rows.columns

    def test_files_opened_together_tell_their_rows_apart(self, tmp_path: Path) -> None:
        """Each row has the URL of its file, as it was given."""
        if self.source.scan_files is None:
            return
        paths = [str(tmp_path / f"part [{number}]{self.suffix}") for number in range(3)]
        for path in paths:
            self.write(self.rows, Path(path))
        found = self.source.scan_files(paths, {}, "argosy_path")

        for group in found:
            rows = group.rows.lazy().collect()
            assert set(group.urls) <= set(paths)
            for path in group.urls:
                own = rows.filter(pl.col("argosy_path").cast(pl.String) == path)
                assert_frame_equal(self._alone(path), own.drop("argosy_path"), check_exact=True)

    def test_a_file_is_read_as_it_is_alone_whatever_stands_beside_it(self, tmp_path: Path) -> None:
        """A neighbour with other columns, in another order, of other types or without rows."""
        if self.source.scan_files is None:
            return
        word = pl.col("number").cast(pl.String) + " pieces"
        neighbours = [
            self.rows,
            self.rows.drop("amount"),
            self.rows.with_columns(more=1),
            self.rows.select(reversed(self.rows.columns)),
            self.rows.with_columns(number=word),
            self.rows.with_columns(amount=pl.col("number")),
            self.rows.clear(),
            self.rows,
        ]
        paths = [str(tmp_path / f"{number}{self.suffix}") for number in range(len(neighbours))]
        for path, rows in zip(paths, neighbours, strict=True):
            self.write(rows, Path(path))
        found = self.source.scan_files(paths, {}, "argosy_path")

        for group in found:
            rows = group.rows.lazy().collect()
            for path in group.urls:
                own = rows.filter(pl.col("argosy_path").cast(pl.String) == path)
                alone = self._alone(path)
                assert alone.columns == own.drop("argosy_path").columns
                assert_frame_equal(alone, own.drop("argosy_path"), check_exact=True)

    def _alone(self, path: str) -> pl.DataFrame:
        scan = self.source.scan_text or self.source.scan
        return scan(path, {}).collect()

    def test_parts_of_a_table_are_told_without_reading_it(self, tmp_path: Path) -> None:
        """They hold every row, and every known value of the column lies within them."""
        if self.source.spans is None:
            return
        self.written(self.rows, tmp_path)
        found = self.source.spans(str(tmp_path / f"table{self.suffix}"), {}, "number")
        if found is None:
            return

        assert found["rows"].sum() == self.rows.height
        assert found["low"].null_count() or found["low"].min() == 1
        assert found["high"].null_count() or found["high"].max() == self.rows.height
