"""Parquet files over which an engine fails, for tests of those that must live on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_NUMBERS = [float(number) for number in range(40)]


def aborting(path: Path) -> Path:
    """Write a file that makes its reader ask for two exabytes: one bit of a page is flipped.

    It has the columns `x` and `s`; seen in pola-rs/polars#19158.
    """
    frame = pl.DataFrame({"x": _NUMBERS, "s": ["a", "b"] * 20})
    return _changed(path, frame, 14, lambda byte: byte ^ 1)


def panicking(path: Path) -> Path:
    """Write a file over which its reader panics: one byte of a page is zeroed.

    It has the column `x`; seen in pola-rs/polars#5606.
    """
    return _changed(path, pl.DataFrame({"x": _NUMBERS}), 11, lambda _: 0)


def _changed(path: Path, frame: pl.DataFrame, place: int, change: Callable[[int], int]) -> Path:
    frame.write_parquet(path, compression="uncompressed")
    content = bytearray(path.read_bytes())
    content[place] = change(content[place])
    path.write_bytes(content)
    return path
