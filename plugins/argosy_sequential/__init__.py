"""Detect drift through the windows of a run: two detectors that run where they are named.

`adwin` asks whether the windows can be cut in two whose means differ, `page_hinkley` whether they
stray from the mean so far, all in one direction. Both name the windows in which changes began.

Those who change them also want `series` (the numbers that a column is followed by), `dispersion`
(windows that differ more than their rows explain), `changes` (all of a series) and `answer` (one
answer from the series of a column).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Detector

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_detectors() -> Iterator[Detector]:
    """Offer both."""
    from argosy_sequential import adwin, page_hinkley

    yield adwin.DETECTOR
    yield page_hinkley.DETECTOR
