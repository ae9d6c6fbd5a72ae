"""Names, values and types, written anew."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from argosy.sql.functions import TYPES, TYPES_BY_NAME, TYPES_OF_WORDS
from argosy.sql.refusal import RefusedSQL

if TYPE_CHECKING:
    from argosy.sql.tree import Node

_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_HEX = re.compile(r"[0-9A-Fa-f]*")
_PLAIN = re.compile(r"[^\W\d]\w*")
_QUOTE = '"'
_MOST_DIGITS = 38
"""With more the engine panics."""
_ZONES = {
    "None": "",
    "Tz": " WITH TIME ZONE",
    "WithTimeZone": " WITH TIME ZONE",
    "WithoutTimeZone": " WITHOUT TIME ZONE",
}


def kind_of(node: Node) -> tuple[str, Any]:
    """Split a node into its kind and what it holds."""
    if isinstance(node, str):
        return node, None
    ((kind, held),) = node.items()
    return kind, held


def not_admitted(what: str) -> RefusedSQL:
    """Say that a part of SQL is not admitted; kinds of nodes are told in words."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", what).lower()
    return RefusedSQL(f"{words} is not admitted here")


def name(ident: Node) -> str:
    """Write a name: of a column, a table, an alias or a field."""
    value, quote = str(ident["value"]), ident["quote_style"]
    if quote == "'":
        raise RefusedSQL(f'{value!r} is a text where a name is due; write " around a name')
    if quote is None and _PLAIN.fullmatch(value):
        return value
    return _QUOTE + value.replace(_QUOTE, _QUOTE * 2) + _QUOTE


def dotted(parts: Node) -> str:
    """Write a name of several parts."""
    return ".".join(name(part) for part in parts)


def object_name(parts: Node) -> str:
    """Write the name of a table."""
    return dotted(plain_parts(parts))


def plain_parts(parts: Node) -> list[Node]:
    """Return the identifiers that an object's name is made of."""
    if not all("Identifier" in part for part in parts):
        raise not_admitted("a name that is computed")
    return [part["Identifier"] for part in parts]


def literal(text: str) -> str:
    """Write a text as a value."""
    return "'" + text.replace("'", "''") + "'"


def value(node: Node) -> str:
    """Write a value."""
    kind, held = kind_of(node.get("value", node))
    if kind == "SingleQuotedString":
        return literal(held)
    if kind == "Number" and _NUMBER.fullmatch(held[0]) and not held[1]:
        return str(held[0])
    if kind == "Boolean":
        return "TRUE" if held else "FALSE"
    if kind == "Null":
        return "NULL"
    if kind == "HexStringLiteral" and _HEX.fullmatch(held):
        return f"x'{held}'"
    if kind == "SingleQuotedByteStringLiteral" and set(held) <= {"0", "1"}:
        return f"b'{held}'"
    if kind == "Placeholder":
        raise RefusedSQL(f"{held!r} stands for no value; write the value itself")
    raise not_admitted(f"a value of the kind {kind}")


def data_type(node: Node) -> str:
    """Write a type."""
    kind, held = kind_of(node)
    if kind in TYPES or kind in TYPES_OF_WORDS:
        return TYPES_OF_WORDS.get(kind, kind.upper()) + _size(held)
    if kind in {"Timestamp", "Time"}:
        size, zone = held
        return kind.upper() + _size(size) + _ZONES[zone]
    if kind == "Interval" and held["fields"] is None:
        return "INTERVAL" + _size(held["precision"])
    if kind == "Array" and held != "None":
        form, inner = kind_of(held)
        if form == "SquareBracket" and inner[1] is None:
            return f"{data_type(inner[0])}[]"
        if form == "AngleBracket":
            return f"ARRAY<{data_type(inner)}>"
    if kind == "Map":
        return f"MAP({data_type(held[0])}, {data_type(held[1])})"
    if kind == "Struct" and held[1] == "AngleBrackets":
        return f"STRUCT<{', '.join(map(_field, held[0]))}>"
    if kind == "Custom":
        parts = plain_parts(held[0])
        if len(parts) == 1 and parts[0]["value"].lower() in TYPES_BY_NAME and not held[1]:
            return str(parts[0]["value"]).upper()
    raise not_admitted(f"the type {kind}")


def _field(node: Node) -> str:
    if node["field_name"] is None or node["options"] is not None:
        raise not_admitted("a field of a struct without a name, or with options")
    return f"{name(node['field_name'])} {data_type(node['field_type'])}"


def _size(held: Node) -> str:
    """Write the size of a type, if it has one."""
    if held is None or held == "None":
        return ""
    if isinstance(held, int):
        return f"({held})"
    kind, size = kind_of(held)
    if kind == "Precision":
        return f"({_digits(size):d})"
    if kind == "PrecisionAndScale":
        return f"({_digits(size[0]):d}, {_digits(size[1], size[0]):d})"
    if kind == "IntegerLength" and size["unit"] is None:
        return f"({size['length']:d})"
    raise not_admitted("such a size of a type")


def _digits(many: int, most: int = _MOST_DIGITS) -> int:
    """Return how many digits a number has, if the engine can have so many."""
    if not 0 <= many <= most:
        raise RefusedSQL(f"no number has {many} digits here; {most} are the most")
    return many
