"""Calls of functions and their windows, written anew."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from difflib import get_close_matches
from typing import TYPE_CHECKING

from argosy.sql import words
from argosy.sql.functions import ADMITTED
from argosy.sql.refusal import RefusedSQL
from argosy.sql.words import kind_of, not_admitted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from argosy.sql.tree import Node

_WORD = re.compile(r"[A-Za-z]\w*")
_FRAMES = {"Rows": "ROWS", "Range": "RANGE", "Groups": "GROUPS"}


class Calls(ABC):
    """Writes calls, whose arguments the rest of the writer writes."""

    @abstractmethod
    def write(self, node: Node) -> str:
        """Write any node."""

    @abstractmethod
    def listed(self, nodes: Iterable[Node]) -> str:
        """Write nodes with commas between them."""

    @abstractmethod
    def repeated(self, times: int) -> AbstractContextManager[None]:
        """Bound how often the engine works out what is written inside."""

    @abstractmethod
    def grows(self, function: str, arguments: Node) -> int:
        """Return how many times as large as its arguments the value of a call can be."""

    def _Function(self, held: Node) -> str:
        function = _name(held["name"])
        if held["uses_odbc_syntax"] or held["parameters"] != "None":
            raise not_admitted(f"such a call of {function}")
        with self.repeated(self.grows(function.lower(), held["args"])):
            told = function + self._arguments(function, held["args"])
        if held["within_group"]:
            told += f" WITHIN GROUP (ORDER BY {self.ordered(held['within_group'])})"
        if held["filter"] is not None:
            told += f" FILTER (WHERE {self.write(held['filter'])})"
        if held["null_treatment"] is not None:
            told += f" {_of_nulls(held['null_treatment'])}"
        return told if held["over"] is None else f"{told} OVER {self.over(held['over'])}"

    def _arguments(self, function: str, node: Node) -> str:
        kind, held = kind_of(node)
        if kind == "None":
            return ""
        if kind != "List":
            raise RefusedSQL(f"a sub-query is no argument of {function}")
        treatment = held["duplicate_treatment"]
        before = "" if treatment is None else f"{treatment.upper()} "
        told = before + ", ".join(map(self._argument, held["args"]))
        for clause in held["clauses"]:
            told += f" {self._clause(clause)}"
        return f"({told})"

    def _argument(self, node: Node) -> str:
        kind, held = kind_of(node)
        if kind != "Unnamed":
            raise not_admitted("an argument with a name")
        form, inner = kind_of(held)
        if form == "Wildcard":
            return "*"
        if form == "QualifiedWildcard":
            return f"{words.object_name(inner)}.*"
        if form == "Expr":
            return self.write(inner)
        raise not_admitted(f"an argument of the kind {form}")

    def _clause(self, node: Node) -> str:
        kind, held = kind_of(node)
        if kind == "OrderBy":
            return f"ORDER BY {self.ordered(held)}"
        if kind == "Limit":
            return f"LIMIT {self.write(held)}"
        if kind == "IgnoreOrRespectNulls":
            return _of_nulls(held)
        raise not_admitted(f"{kind} in a call")

    def ordered(self, nodes: Iterable[Node]) -> str:
        """Write what is sorted by."""
        return ", ".join(map(self._by, nodes))

    def _by(self, node: Node) -> str:
        if node["with_fill"] is not None:
            raise not_admitted("WITH FILL")
        ways, told = node["options"], self.write(node["expr"])
        if ways["asc"] is not None:
            told += " ASC" if ways["asc"] else " DESC"
        if ways["nulls_first"] is not None:
            told += f" NULLS {'FIRST' if ways['nulls_first'] else 'LAST'}"
        return told

    def over(self, node: Node) -> str:
        """Write the window of a call: its name, or what it is in brackets."""
        kind, held = kind_of(node)
        if kind == "NamedWindow":
            return words.name(held)
        return f"({self.window(held)})"

    def window(self, held: Node) -> str:
        """Write what a window is."""
        parts = [] if held["window_name"] is None else [words.name(held["window_name"])]
        if held["partition_by"]:
            parts.append(f"PARTITION BY {self.listed(held['partition_by'])}")
        if held["order_by"]:
            parts.append(f"ORDER BY {self.ordered(held['order_by'])}")
        frame = held["window_frame"]
        if frame is not None:
            start, end = self._bound(frame["start_bound"]), frame["end_bound"]
            ends = start if end is None else f"BETWEEN {start} AND {self._bound(end)}"
            parts.append(f"{_FRAMES[frame['units']]} {ends}")
        return " ".join(parts)

    def _bound(self, node: Node) -> str:
        kind, held = kind_of(node)
        if kind == "CurrentRow":
            return "CURRENT ROW"
        return f"{'UNBOUNDED' if held is None else self.write(held)} {kind.upper()}"

    def field(self, node: Node) -> str:
        """Write a part of a time, such as YEAR."""
        kind, held = kind_of(node)
        told = held["value"] if kind == "Custom" else kind
        if (kind != "Custom" and held is not None) or not _WORD.fullmatch(told):
            raise not_admitted(f"the part {told} of a time")
        return str(told).upper()


def _name(parts: Node) -> str:
    own = words.plain_parts(parts)
    told = ".".join(part["value"] for part in own)
    if len(own) == 1 and told.lower() in ADMITTED:
        return str(told)
    close = get_close_matches(told.lower(), ADMITTED, n=1)
    guess = f"; did you mean {close[0]!r}?" if close else "; it may not be called here"
    raise RefusedSQL(f"no function is called {told!r}{guess}")


def _of_nulls(treatment: str) -> str:
    return "IGNORE NULLS" if treatment == "IgnoreNulls" else "RESPECT NULLS"
