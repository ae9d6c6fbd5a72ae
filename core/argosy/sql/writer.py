"""Expressions, written anew from their tree: a kind of node that is not written is not admitted.

Brackets are nodes of the tree, so what is written has the words of the user's text in their order,
and the engine's precedence applies to both alike.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from argosy.sql import words
from argosy.sql.calls import Calls
from argosy.sql.refusal import RefusedSQL
from argosy.sql.words import kind_of, not_admitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from argosy.sql.tree import Node

_MOST_TIMES = 2**16
"""So often may a part be worked out, or repeated, because of what it stands in: each BETWEEN
doubles that."""
_BINARY = {
    "Plus": "+",
    "Minus": "-",
    "Multiply": "*",
    "Divide": "/",
    "Modulo": "%",
    "And": "AND",
    "StringConcat": "||",
    "Gt": ">",
    "Lt": "<",
    "GtEq": ">=",
    "LtEq": "<=",
    "Spaceship": "<=>",
    "Eq": "=",
    "NotEq": "<>",
    "Or": "OR",
    "Xor": "XOR",
    "BitwiseOr": "|",
    "BitwiseAnd": "&",
    "DuckIntegerDivide": "//",
    "PGRegexMatch": "~",
    "PGRegexIMatch": "~*",
    "PGRegexNotMatch": "!~",
    "PGRegexNotIMatch": "!~*",
    "PGLikeMatch": "~~",
    "PGILikeMatch": "~~*",
    "PGNotLikeMatch": "!~~",
    "PGNotILikeMatch": "!~~*",
    "PGStartsWith": "^@",
    "Arrow": "->",
    "LongArrow": "->>",
    "HashArrow": "#>",
    "HashLongArrow": "#>>",
}
_LONGER = {"lpad": 1, "rpad": 1, "replace": 2, "regexp_replace": 2}
"""Functions that make texts longer, and the place of the argument that says how much."""
_UNKNOWN_SIZE = 64
_COMPARED = frozenset({"Gt", "Lt", "GtEq", "LtEq", "Eq", "NotEq"})
_UNARY = {"Minus": "-", "Plus": "+", "Not": "NOT"}
_AFTER = {
    "IsNull": "IS NULL",
    "IsNotNull": "IS NOT NULL",
    "IsTrue": "IS TRUE",
    "IsNotTrue": "IS NOT TRUE",
    "IsFalse": "IS FALSE",
    "IsNotFalse": "IS NOT FALSE",
}
_TYPED = frozenset({"Date", "Time", "Timestamp", "Datetime"})
_CASTS = {"Cast": "CAST", "TryCast": "TRY_CAST", "SafeCast": "SAFE_CAST"}


class ExpressionWriter(Calls):
    """Writes one expression."""

    def __init__(self) -> None:
        self._times = 1
        self.named: set[str] = set()
        """Every name that may be one of a column."""

    def write(self, node: Node) -> str:
        """Write a node.

        Raises:
            RefusedSQL: for one that is not admitted.
        """
        kind, held = kind_of(node)
        writes: Callable[[Node], str] | None = getattr(self, f"_{kind}", None)
        if writes is not None:
            return writes(held)
        if kind in _AFTER:
            return f"{self.write(held)} {_AFTER[kind]}"
        if kind in {"Exists", "InSubquery", "Subquery"}:
            return self.subquery(kind, held)
        raise not_admitted(kind)

    def subquery(self, kind: str, held: Node) -> str:
        """Write a query within an expression.

        Raises:
            RefusedSQL: always; an expression sees its own rows alone.
        """
        raise RefusedSQL("a sub-query is not admitted here: an expression sees its own rows alone")

    def grows(self, function: str, arguments: Node) -> int:
        """Return how many times as large as its arguments the value of a call can be.

        Raises:
            RefusedSQL: where nothing but the data says so.
        """
        if function not in _LONGER:
            return 2
        kind, held = kind_of(arguments)
        given = held["args"] if kind == "List" else []
        size = _size(given[_LONGER[function]]) if len(given) > _LONGER[function] else 1
        if size is None and function in {"lpad", "rpad"}:
            raise RefusedSQL(f"how long {function} makes a text must be a number")
        return _UNKNOWN_SIZE if size is None else max(2, size)

    def listed(self, nodes: Iterable[Node]) -> str:
        """Write nodes with commas between them."""
        return ", ".join(map(self.write, nodes))

    @contextmanager
    def repeated(self, times: int) -> Iterator[None]:
        """Bound how often the engine works out what is written inside."""
        before = self._times
        self._times *= times
        if self._times > _MOST_TIMES:
            raise RefusedSQL(
                "BETWEEN, CASE or functions stand too deep inside each other, or make texts too"
                " long; work parts out as columns of the data"
            )
        yield
        self._times = before

    def _Identifier(self, held: Node) -> str:
        return self.names([held])

    def _CompoundIdentifier(self, held: Node) -> str:
        return self.names(held)

    def names(self, parts: Iterable[Node]) -> str:
        """Write a name of a column, which may have several parts."""
        own = list(parts)
        self.named.update(part["value"] for part in own)
        return words.dotted(own)

    def _Value(self, held: Node) -> str:
        return words.value(held)

    def _Nested(self, held: Node) -> str:
        return f"({self.write(held)})"

    def _Tuple(self, held: Node) -> str:
        return f"({self.listed(held)})"

    def _BinaryOp(self, held: Node) -> str:
        """Write a chain from its end to its beginning: each of its operators is a level."""
        after: list[str] = []
        while True:
            if held["op"] not in _BINARY:
                raise not_admitted(f"the operator {held['op']}")
            after.append(f" {_BINARY[held['op']]} {self.write(held['right'])}")
            kind, left = kind_of(held["left"])
            if kind != "BinaryOp":
                return self.write(held["left"]) + "".join(reversed(after))
            held = left

    def _UnaryOp(self, held: Node) -> str:
        if held["op"] not in _UNARY:
            raise not_admitted(f"the sign {held['op']}")
        return f"{_UNARY[held['op']]} {self.write(held['expr'])}"

    def _Lambda(self, held: Node) -> str:
        """Write `tags -> 'region'`, which the parser takes for a function of one argument."""
        form, names = kind_of(held["params"])
        if held["syntax"] != "Arrow" or (form == "Many" and len(names) != 1):
            raise not_admitted("a function in place of a value")
        left = self.names([names]) if form == "One" else f"({self.names(names)})"
        return f"{left} -> {self.write(held['body'])}"

    def _IsDistinctFrom(self, held: Node) -> str:
        return f"{self.write(held[0])} IS DISTINCT FROM {self.write(held[1])}"

    def _IsNotDistinctFrom(self, held: Node) -> str:
        return f"{self.write(held[0])} IS NOT DISTINCT FROM {self.write(held[1])}"

    def _Between(self, held: Node) -> str:
        with self.repeated(2):
            expression = self.write(held["expr"])
        low, high = self.write(held["low"]), self.write(held["high"])
        return f"{expression} {_not(held)}BETWEEN {low} AND {high}"

    def _InList(self, held: Node) -> str:
        plain = all("Value" in node for node in held["list"])
        with self.repeated(1 if plain else len(held["list"])):
            expression = self.write(held["expr"])
        return f"{expression} {_not(held)}IN ({self.listed(held['list'])})"

    def _Like(self, held: Node) -> str:
        return self._like(held, "LIKE")

    def _ILike(self, held: Node) -> str:
        return self._like(held, "ILIKE")

    def _like(self, held: Node, word: str) -> str:
        if held["any"]:
            raise not_admitted(f"{word} ANY")
        escape = held["escape_char"]
        told = "" if escape is None else f" ESCAPE {words.value(escape)}"
        return f"{self.write(held['expr'])} {_not(held)}{word} {self.write(held['pattern'])}{told}"

    def _RLike(self, held: Node) -> str:
        word = "REGEXP" if held["regexp"] else "RLIKE"
        return f"{self.write(held['expr'])} {_not(held)}{word} {self.write(held['pattern'])}"

    def _AnyOp(self, held: Node) -> str:
        return self._quantified(held, "ANY")

    def _AllOp(self, held: Node) -> str:
        return self._quantified(held, "ALL")

    def _quantified(self, held: Node, word: str) -> str:
        if held["compare_op"] not in _COMPARED:
            raise not_admitted(f"the operator {held['compare_op']} before {word}")
        operator = _BINARY[held["compare_op"]]
        right = held["right"]
        inner = self.write(right)
        bare = kind_of(right)[0] in {"Nested", "Subquery"}
        return f"{self.write(held['left'])} {operator} {word}{inner if bare else f'({inner})'}"

    def _Cast(self, held: Node) -> str:
        if held["format"] is not None or held["array"]:
            raise not_admitted("a cast with a format")
        expression, kind = self.write(held["expr"]), words.data_type(held["data_type"])
        if held["kind"] == "DoubleColon":
            return f"{expression}::{kind}"
        return f"{_CASTS[held['kind']]}({expression} AS {kind})"

    def _Case(self, held: Node) -> str:
        operand = ""
        if held["operand"] is not None:
            with self.repeated(len(held["conditions"])):
                operand = f" {self.write(held['operand'])}"
        whens = "".join(
            f" WHEN {self.write(one['condition'])} THEN {self.write(one['result'])}"
            for one in held["conditions"]
        )
        rest = held["else_result"]
        return f"CASE{operand}{whens}{'' if rest is None else f' ELSE {self.write(rest)}'} END"

    def _TypedString(self, held: Node) -> str:
        if kind_of(held["data_type"])[0] not in _TYPED or held["uses_odbc_syntax"]:
            raise not_admitted("a text of such a type; cast it")
        return f"{words.data_type(held['data_type'])} {words.value(held['value'])}"

    def _Interval(self, held: Node) -> str:
        rest = ("leading_precision", "last_field", "fractional_seconds_precision")
        if "Value" not in held["value"] or any(held[name] is not None for name in rest):
            raise not_admitted("such an interval; write INTERVAL '3 days'")
        unit = held["leading_field"]
        told = "" if unit is None else f" {self.field(unit)}"
        return f"INTERVAL {self.write(held['value'])}{told}"

    def _Extract(self, held: Node) -> str:
        return f"EXTRACT({self.field(held['field'])} FROM {self.write(held['expr'])})"

    def _Position(self, held: Node) -> str:
        return f"POSITION({self.write(held['expr'])} IN {self.write(held['in'])})"

    def _Substring(self, held: Node) -> str:
        parts = [held["expr"], held["substring_from"], held["substring_for"]]
        if parts[1] is None:
            raise not_admitted("SUBSTRING without a beginning")
        with self.repeated(2):
            return f"SUBSTRING({self.listed(part for part in parts if part is not None)})"

    def _Trim(self, held: Node) -> str:
        expression = self.write(held["expr"])
        if held["trim_characters"] is not None:
            return f"TRIM({expression}, {self.listed(held['trim_characters'])})"
        where = "" if held["trim_where"] is None else f"{held['trim_where'].upper()} "
        what = "" if held["trim_what"] is None else f"{self.write(held['trim_what'])} "
        return f"TRIM({where}{what}{'FROM ' if where or what else ''}{expression})"

    def _Ceil(self, held: Node) -> str:
        return self._rounded("CEIL", held)

    def _Floor(self, held: Node) -> str:
        return self._rounded("FLOOR", held)

    def _rounded(self, word: str, held: Node) -> str:
        if held["field"] != {"DateTimeField": "NoDateTime"}:
            raise not_admitted(f"{word} to a unit or with digits")
        return f"{word}({self.write(held['expr'])})"

    def _Array(self, held: Node) -> str:
        return f"{'ARRAY' if held['named'] else ''}[{self.listed(held['elem'])}]"

    def _AtTimeZone(self, held: Node) -> str:
        return f"{self.write(held['timestamp'])} AT TIME ZONE {self.write(held['time_zone'])}"

    def _CompoundFieldAccess(self, held: Node) -> str:
        return self.write(held["root"]) + "".join(map(self._access, held["access_chain"]))

    def _access(self, node: Node) -> str:
        kind, held = kind_of(node)
        if kind == "Dot":
            return f".{self.write(held)}"
        form, inner = kind_of(held)
        if form == "Index":
            return f"[{self.write(inner['index'])}]"
        if inner["stride"] is not None:
            raise not_admitted("a slice with a step")
        ends = (inner["lower_bound"], inner["upper_bound"])
        return "[" + ":".join("" if end is None else self.write(end) for end in ends) + "]"


def _size(argument: Node) -> int | None:
    """Return a number, or the length of a text, that is given as such."""
    node = argument
    for kind in ("Unnamed", "Expr", "Value"):
        own, node = kind_of(node)
        if own != kind:
            return None
    sort, told = kind_of(node["value"])
    if sort == "Number" and told[0].isdigit():
        return int(told[0])
    return len(told) if sort == "SingleQuotedString" else None


def _not(held: Node) -> str:
    return "NOT " if held["negated"] else ""
