"""A table whose columns are stored in any type and format that can hold what they mean."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from .ways_to_store import FORMATS, write_file

_CENTS, _PARTS = pl.Decimal(20, 2), pl.Decimal(20, 6)
_NUMBERS = (pl.Int64, pl.Int32, pl.UInt16, pl.Int128, pl.Float64, pl.Float32, _CENTS)
TYPES = {
    "whole": (*_NUMBERS, pl.String, "7.0", "+7"),
    "fraction": (pl.Float64, pl.Float32, _PARTS, pl.String, pl.Categorical, " 0.5 "),
    "flag": (*_NUMBERS, pl.Boolean, pl.String, "True", "true"),
    "bit": (*_NUMBERS, pl.Boolean, pl.String),
    "identity": (*_NUMBERS, pl.String, pl.Categorical, pl.Binary, "7.0"),
    "word": (pl.String, pl.Categorical, pl.Enum, pl.Binary),
    "time": ("us", "ms", "ns", "local", "T", "Z", " "),
}
"""How what a column means may be stored; text shows how values are spelt."""
_SPLITS = {"whole": _NUMBERS, "flag": _NUMBERS, "bit": _NUMBERS, "identity": _NUMBERS}
"""Types among which the files of one folder may differ."""
_TIMES = {"T": "iso:strict", "Z": "%Y-%m-%dT%H:%M:%SZ", " ": "%Y-%m-%d %H:%M:%S"}


@dataclass
class Way:
    """One way to store tables whose columns have meanings."""

    format: str
    kinds: dict
    types: dict
    files: int = 1
    differing: bool = False
    stirred: bool = False
    seed: int = 0

    @classmethod
    def plain(cls, kinds):
        """Store columns as they are, in one Parquet file."""
        return cls("parquet", kinds, {})

    @classmethod
    def drawn(cls, draws, kinds, formats=FORMATS):
        """Draw one."""
        form = formats[draws.integers(len(formats))]
        types = {name: _one_of(_held(form, TYPES[kind]), draws) for name, kind in kinds.items()}
        files, differing, stirred, seed = draws.integers((1, 0, 0, 0), (4, 2, 2, 2**16)).tolist()
        return cls(form, kinds, types, files, bool(differing), bool(stirred), seed)

    def write(self, folder, name, table):
        """Write a table, in one file or in several, and return its URL."""
        draws = np.random.default_rng(self.seed)
        rows = table.select(draws.permutation(table.columns).tolist())
        if self.stirred:
            rows = rows[draws.permutation(rows.height).tolist()]
        if self.files == 1:
            return str(write_file(self.typed(rows, self.types), folder / f"{name}.{self.format}"))
        (folder / name).mkdir()
        for part, cut in enumerate(np.array_split(np.arange(rows.height), self.files)):
            path = folder / name / f"{part}.{self.format}"
            write_file(self.typed(rows[cut.tolist()], self._of_a_part(draws)), path)
        return str(folder / name / f"*.{self.format}")

    def typed(self, rows, types):
        """Return rows in some types."""
        return rows.with_columns(
            as_type(rows[name], self.kinds[name], types[name]).alias(name)
            for name in rows.columns
            if name in types
        )

    def _of_a_part(self, draws):
        if not self.differing:
            return self.types
        own = dict(self.types)
        for name, kind in self.kinds.items():
            if own.get(name) in _SPLITS.get(kind, ()):
                own[name] = _one_of(_held(self.format, _SPLITS[kind]), draws)
        return own


def _one_of(types, draws):
    return types[draws.integers(len(types))]


def _held(form, types):
    """Return the types that a format can hold; in CSV 7.00 is another name than 7."""
    return [one for one in types if form != "csv" or one != _CENTS]


def as_type(column, kind, wanted):
    """Return a column of a meaning in a type."""
    if kind == "time":
        return _times(column, wanted)
    text = column.cast(pl.String)
    match wanted:
        case "7.0":
            return text + ".0"
        case "+7":
            return "+" + text
        case " 0.5 ":
            return " " + text + " "
        case "True" | "true":
            words = column.cast(pl.Boolean).cast(pl.String)
            return words.str.to_titlecase() if wanted == "True" else words
    if wanted == pl.Enum:
        return text.cast(pl.Enum(text.unique().sort()))
    return (text if wanted in (pl.Categorical, pl.Binary) else column).cast(wanted)


def _times(column, wanted):
    if wanted in _TIMES:
        return column.dt.to_string(_TIMES[wanted])
    if wanted == "local":
        return column.dt.replace_time_zone(None)
    return column.dt.cast_time_unit(wanted)
