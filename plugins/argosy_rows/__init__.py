"""Rows of bound data as engines take them: cut into windows and segments, and laid out by group.

A library: it offers nothing to argosy, and plugins import it. It is registered because workers call
it, so that clusters are compared in it. In reading order:

- `periods`: when windows of time begin and end, and what they are called;
- `segments`: the expressions that rows are cut by, and whose data does not allow one;
- `windows`: rows cut by both, or by count, or by a column that names windows;
- `extent`: how far the times of a file go, so which windows are whole;
- `columns`: what a request may name of the data that a selection is bound to;
- `together`: many small files read in one pass where they are alike;
- `groups` and `flat_lists`: the rows of each group side by side, and their values as lists.
"""

from __future__ import annotations

argosy_api = ">=1.0,<2"
