"""One logical table in every format and type that can hold it, and files that are no tables."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
from hypothesis import strategies as st

WORDS = ("no", "yes", "a7", "007", "1.10", "nein")
START = datetime(2024, 3, 29, tzinfo=UTC)
VALUES = {
    "bit": [0, 1],
    "code": [3, 7, 12],
    "word": ["no", "yes", "a7"],
    "padded": ["007", "010", "012"],
}
FORMATS = ("parquet", "csv", "arrow", "jsonl")
DECIMAL = pl.Decimal(20, 2)
INTEGERS = (pl.Int64, pl.Int32, pl.Int16, pl.UInt8, pl.Float64, pl.Float32, DECIMAL)
IDS = (pl.Int64, pl.UInt16, pl.Float64, pl.String, DECIMAL)
TEXTS = (pl.String, pl.Categorical)
LOG = {"truth": "t", "prediction": "p", "id": "i", "timestamp": "at"}
UNITS = ("us", "ms", "ns")


def tables_of(seed, kind, size):
    """Return a reference and a current table of one meaning."""
    draws = np.random.default_rng(seed)
    tables = []
    for moved in (0, draws.choice([0.0, 1.5])):
        if kind == "number":
            truth = (draws.integers(-80, 80, size) / 8 + 0.125).tolist()
            guess = [
                value + step / 16
                for value, step in zip(truth, draws.integers(-9, 9, size), strict=True)
            ]
        else:
            values = VALUES[kind]
            truth = [values[place] for place in draws.integers(0, len(values), size)]
            guess = [
                value if draws.uniform() < 0.7 else values[place]
                for value, place in zip(truth, draws.integers(0, len(values), size), strict=True)
            ]
        tables.append(
            pl.DataFrame(
                {
                    "t": truth,
                    "p": guess,
                    "x": draws.integers(-400, 400, size) / 16 + moved * 10,
                    "n": draws.integers(0, 90, size),
                    "c": [WORDS[place] for place in draws.integers(0, 6, size)],
                    "i": range(1, size + 1),
                    "at": [START + timedelta(minutes=53 * place) for place in range(size)],
                }
            )
        )
    return [with_gaps(table, draws) for table in tables] if draws.integers(2) else tables


def with_gaps(table, draws):
    """Leave some features out."""
    gaps = {name: pl.Series(draws.uniform(size=table.height) < 0.15) for name in ("x", "n", "c")}
    return table.with_columns(
        pl.when(~gone).then(pl.col(name)).alias(name) for name, gone in gaps.items()
    )


@dataclass
class Storage:
    """One way to store a table."""

    format: str = "parquet"
    whole: object = pl.Int64
    label: object = None
    word: object = pl.String
    identity: object = pl.Int64
    joined: object = pl.Int64
    apart: bool = False
    time: str = "us"
    files: int = 1
    shuffle: int = 0
    stirred: bool = False

    @classmethod
    def drawn(cls, draw, kind):
        """Draw one that can hold labels of a kind."""
        form = draw(st.sampled_from(FORMATS))
        return cls(
            form,
            whole=draw(st.sampled_from(INTEGERS)),
            label=draw(st.sampled_from(labels(kind, form))),
            word=draw(st.sampled_from(TEXTS)),
            identity=draw(st.sampled_from(IDS[: -1 if form == "csv" else None])),
            joined=draw(st.sampled_from(IDS[: -1 if form == "csv" else None])),
            apart=draw(st.booleans()),
            time=draw(st.sampled_from([*UNITS, "text"])),
            files=draw(st.integers(1, 3)),
            shuffle=draw(st.integers(0, 99)),
            stirred=draw(st.booleans()),
        )

    def bindings(self, folder, reference, current):
        """Write both tables, and return where they are bound; labels perhaps in a third one."""
        log = current.drop("t") if self.apart else current
        bound = [
            {"role": "reference", "url": self.write(folder, "reference", reference), **LOG},
            {"role": "current", "url": self.write(folder, "current", log), **LOG},
        ]
        if self.apart:
            del bound[1]["truth"]
            url = replace(self, identity=self.joined).write(
                folder, "truth", current.select("t", "i")
            )
            bound.append({"role": "truth", "url": url, "id": "i", "truth": "t"})
        return bound

    def write(self, folder, name, table):
        """Write it, and return its URL."""
        draws = np.random.default_rng(self.shuffle)
        rows = self._typed(table).select(draws.permutation(table.columns).tolist())
        if self.stirred:
            rows = rows[draws.permutation(rows.height).tolist()]
        if self.files == 1:
            return str(write_file(rows, folder / f"{name}.{self.format}"))
        (folder / name).mkdir()
        for part, cut in enumerate(np.array_split(np.arange(rows.height), self.files)):
            write_file(rows[cut.tolist()], folder / name / f"{part}.{self.format}")
        return str(folder / name / f"*.{self.format}")

    def _typed(self, table):
        """Return the columns that the table has, in their types."""
        types = {
            "t": self.label,
            "p": self.label,
            "n": self.whole,
            "c": self.word,
            "i": self.identity,
        }
        columns = [
            pl.col(name).cast(kind)
            for name, kind in types.items()
            if name in table.columns and kind
        ]
        if "at" in table.columns and self.time == "text":
            columns.append(pl.col("at").dt.to_string("iso:strict"))
        elif "at" in table.columns and self.format != "csv":
            columns.append(pl.col("at").dt.cast_time_unit(self.time))
        return table.with_columns(columns)


def write_file(rows, path):
    """Write a table in the format of a path's ending, and return the path."""
    if path.suffix == ".parquet":
        rows.write_parquet(path)
    elif path.suffix == ".arrow":
        rows.write_ipc(path)
    elif path.suffix == ".csv":
        texts = pl.selectors.binary().cast(pl.String)
        times = pl.selectors.temporal().dt.to_string("iso:strict")
        rows.with_columns(texts, times).write_csv(path)
    else:
        path.write_text("".join(json.dumps(row, default=plain) + "\n" for row in rows.to_dicts()))
    return path


def labels(kind, form):
    """Return the types that labels of a kind can have in a format."""
    if kind == "number":
        return [None, pl.Float32] if form != "csv" else [None]
    if kind in ("word", "padded"):
        return [pl.String, pl.Categorical]
    whole = [one for one in INTEGERS if form != "csv" or one != DECIMAL]  # there 7.00 is text
    return [*whole, pl.String, *([pl.Boolean] if kind == "bit" else [])]


def plain(value):
    """Return what JSON has no type for as something that it has one for."""
    if isinstance(value, bytes):
        return value.decode()
    return float(value) if isinstance(value, Decimal) else value.isoformat()


ODD = {
    "header.csv": b"t,p,x,n,c,at\n",
    "word.csv": b"t,p,x,n,c,at\n0.5,1.0,n/a,1,a,2024-03-29\nn/a,1.0,2,2,b,2024-03-30\n",
    "empty.csv": b"",
    "broken.parquet": b"PAR1 no more",
    "lines.jsonl": b'{"t": 1, "p": "x", "more": [1]}\n{"t": nothing}\n',
    "other.csv": b"t;p\n1;2\n",
    "none.arrow": b"ARROW1",
}
"""Files that are no neighbours to have: broken, empty or of another kind."""
