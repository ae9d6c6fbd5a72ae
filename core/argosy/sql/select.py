"""Queries, written anew from their tree: a clause that is not written is not admitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.errors import UnknownName
from argosy.sql import words
from argosy.sql.functions import word_set
from argosy.sql.refusal import RefusedSQL
from argosy.sql.words import kind_of, not_admitted
from argosy.sql.writer import ExpressionWriter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from argosy.sql.tree import Node

_JOINS = {
    "Join": "JOIN",
    "Inner": "INNER JOIN",
    "Left": "LEFT JOIN",
    "LeftOuter": "LEFT OUTER JOIN",
    "Right": "RIGHT JOIN",
    "RightOuter": "RIGHT OUTER JOIN",
    "FullOuter": "FULL OUTER JOIN",
    "CrossJoin": "CROSS JOIN",
    "Semi": "SEMI JOIN",
    "LeftSemi": "LEFT SEMI JOIN",
    "RightSemi": "RIGHT SEMI JOIN",
    "Anti": "ANTI JOIN",
    "LeftAnti": "LEFT ANTI JOIN",
    "RightAnti": "RIGHT ANTI JOIN",
}
_SETS = {"Union": "UNION", "Intersect": "INTERSECT", "Except": "EXCEPT"}
_QUANTIFIERS = {
    "None": "",
    "All": " ALL",
    "Distinct": " DISTINCT",
    "ByName": " BY NAME",
    "AllByName": " ALL BY NAME",
    "DistinctByName": " DISTINCT BY NAME",
}
_OF_QUERY = frozenset(["with", "body", "order_by", "limit_clause", "fetch"])
_OF_SELECT = word_set(
    "select_token distinct projection from selection group_by having named_window qualify"
    " window_before_qualify flavor top_before_distinct"
)
_OF_TABLE = frozenset(["name", "alias", "args"])


class QueryWriter(ExpressionWriter):
    """Writes a query over tables that are known."""

    def __init__(self, known: Collection[str]) -> None:
        super().__init__()
        self._known = {name.lower(): name for name in known}
        self._own: set[str] = set()
        self.read: list[str] = []
        """The tables that are read, each as often as it is named."""
        self.selects = 0
        self.every_column = False
        """Whether columns are read that are not named."""

    def query(self, held: Node) -> str:
        """Write a query, or one within another.

        Raises:
            UnknownName: for a table that is not there.
            RefusedSQL: for what is not admitted.
        """
        _only("a query", held, _OF_QUERY)
        parts = [] if held["with"] is None else [self._with(held["with"])]
        parts.append(self._body(held["body"]))
        if held["order_by"] is not None:
            kind, by = kind_of(held["order_by"]["kind"])
            if kind != "Expressions" or held["order_by"]["interpolate"] is not None:
                raise not_admitted(f"ORDER BY {kind}")
            parts.append(f"ORDER BY {self.ordered(by)}")
        if held["limit_clause"] is not None:
            parts += self._limit(held["limit_clause"])
        if held["fetch"] is not None:
            if held["fetch"]["with_ties"] or held["fetch"]["percent"]:
                raise not_admitted("FETCH with ties or in percent")
            parts.append(f"FETCH FIRST {self.write(held['fetch']['quantity'])} ROWS ONLY")
        return " ".join(parts)

    def grows(self, function: str, arguments: Node) -> int:
        """Let texts grow: a query that makes them do so is limited otherwise."""
        return 2

    def subquery(self, kind: str, held: Node) -> str:
        """Write a query within an expression."""
        if kind == "Subquery":
            return f"({self.query(held)})"
        inner = f"({self.query(held['subquery'])})"
        negated = "NOT " if held["negated"] else ""
        if kind == "Exists":
            return f"{negated}EXISTS {inner}"
        return f"{self.write(held['expr'])} {negated}IN {inner}"

    def _with(self, held: Node) -> str:
        tables = []
        for one in held["cte_tables"]:
            if one["from"] is not None or one["materialized"] is not None:
                raise not_admitted("such a table of WITH")
            self._own.add(one["alias"]["name"]["value"].lower())
            if not held["recursive"]:
                tables.append(self._named(one))
        if held["recursive"]:
            tables = [self._named(one) for one in held["cte_tables"]]
        return f"WITH {'RECURSIVE ' if held['recursive'] else ''}{', '.join(tables)}"

    def _named(self, one: Node) -> str:
        return f"{_aliased(one['alias'])} AS ({self.query(one['query'])})"

    def _limit(self, node: Node) -> list[str]:
        kind, held = kind_of(node)
        if kind == "OffsetCommaLimit":
            return [f"LIMIT {self.write(held['limit'])} OFFSET {self.write(held['offset'])}"]
        if held["limit_by"]:
            raise not_admitted("LIMIT BY")
        parts = [] if held["limit"] is None else [f"LIMIT {self.write(held['limit'])}"]
        if held["offset"] is not None:
            parts.append(f"OFFSET {self.write(held['offset']['value'])}")
        return parts

    def _body(self, node: Node) -> str:
        kind, held = kind_of(node)
        if kind == "Select":
            return self._select(held)
        if kind == "Query":
            return f"({self.query(held)})"
        if kind == "Values":
            rows = ", ".join(f"({self.listed(row)})" for row in held["rows"])
            return f"VALUES {rows}"
        if kind == "SetOperation" and held["op"] in _SETS:
            how = _SETS[held["op"]] + _QUANTIFIERS[held["set_quantifier"]]
            return f"{self._body(held['left'])} {how} {self._body(held['right'])}"
        raise not_admitted(kind)

    def _select(self, held: Node) -> str:
        _only("SELECT", held, _OF_SELECT)
        self.selects += 1
        parts = ["SELECT"]
        if held["distinct"] is not None:
            kind, on = kind_of(held["distinct"])
            parts.append(f"DISTINCT ON ({self.listed(on)})" if kind == "On" else kind.upper())
        self.every_column |= not held["projection"]
        parts.append(", ".join(map(self._item, held["projection"])) or "*")
        if held["from"]:
            parts.append(f"FROM {', '.join(map(self._joined, held['from']))}")
        if held["selection"] is not None:
            parts.append(f"WHERE {self.write(held['selection'])}")
        parts += self._grouped(held["group_by"])
        if held["having"] is not None:
            parts.append(f"HAVING {self.write(held['having'])}")
        if held["named_window"]:
            parts.append(f"WINDOW {', '.join(map(self._own_window, held['named_window']))}")
        if held["qualify"] is not None:
            parts.append(f"QUALIFY {self.write(held['qualify'])}")
        return " ".join(parts)

    def _item(self, node: Node) -> str:
        kind, held = kind_of(node)
        if kind == "UnnamedExpr":
            return self.write(held)
        if kind == "ExprWithAlias":
            return f"{self.write(held['expr'])} AS {words.name(held['alias'])}"
        if kind == "Wildcard":
            return f"*{self._but(held)}"
        if kind == "QualifiedWildcard":
            form, of = kind_of(held[0])
            if form == "ObjectName":
                return f"{words.object_name(of)}.*{self._but(held[1])}"
        raise not_admitted(kind)

    def _but(self, held: Node) -> str:
        """Write which columns a star leaves out, or has otherwise."""
        self.every_column, told = True, ""
        if held["opt_ilike"] is not None:
            told += f" ILIKE {words.literal(held['opt_ilike']['pattern'])}"
        if held["opt_exclude"] is not None:
            told += f" EXCLUDE ({', '.join(map(_left_out, _several(held['opt_exclude'])))})"
        if held["opt_except"] is not None:
            names = [held["opt_except"]["first_element"]]
            names += held["opt_except"]["additional_elements"]
            told += f" EXCEPT ({', '.join(map(words.name, names))})"
        if held["opt_replace"] is not None:
            new = (
                f"{self.write(one['expr'])} AS {words.name(one['column_name'])}"
                for one in held["opt_replace"]["items"]
            )
            told += f" REPLACE ({', '.join(new)})"
        if held["opt_rename"] is not None:
            renamed = _several(held["opt_rename"])
            pairs = (f"{words.name(one['ident'])} AS {words.name(one['alias'])}" for one in renamed)
            told += f" RENAME ({', '.join(pairs)})"
        return told

    def _grouped(self, node: Node) -> list[str]:
        kind, held = kind_of(node)
        if any(held[-1]) if kind == "Expressions" else held:
            raise not_admitted("GROUP BY with such an addition")
        if kind == "All":
            return ["GROUP BY ALL"]
        return [f"GROUP BY {self.listed(held[0])}"] if held[0] else []

    def _Rollup(self, held: Node) -> str:
        return f"ROLLUP ({self._sets(held)})"

    def _Cube(self, held: Node) -> str:
        return f"CUBE ({self._sets(held)})"

    def _GroupingSets(self, held: Node) -> str:
        self.selects += len(held)
        return f"GROUPING SETS ({', '.join(f'({self.listed(one)})' for one in held)})"

    def _sets(self, held: Node) -> str:
        self.selects += 2 ** len(held)
        return ", ".join(
            self.write(one[0]) if len(one) == 1 else f"({self.listed(one)})" for one in held
        )

    def _own_window(self, node: Node) -> str:
        return f"{words.name(node[0])} AS {self.over(node[1])}"

    def _joined(self, held: Node) -> str:
        return self._table(held["relation"]) + "".join(map(self._join, held["joins"]))

    def _join(self, held: Node) -> str:
        kind, constraint = kind_of(held["join_operator"])
        if kind not in _JOINS or held["global"]:
            raise not_admitted(f"the join {kind}")
        form, by = kind_of(constraint)
        told = f" {_JOINS[kind]} {self._table(held['relation'])}"
        if form == "Natural":
            self.every_column = True
            return f" NATURAL{told}"
        if form == "On":
            return f"{told} ON {self.write(by)}"
        if form == "None":
            return told
        return f"{told} USING ({', '.join(self.names(words.plain_parts(one)) for one in by)})"

    def _table(self, node: Node) -> str:
        kind, held = kind_of(node)
        alias = held.get("alias")
        after = "" if alias is None else f" AS {_aliased(alias)}"
        if kind == "Table":
            return self._known_table(held) + after
        if kind == "Derived" and not held["lateral"] and held["sample"] is None:
            return f"({self.query(held['subquery'])}){after}"
        if kind == "NestedJoin":
            return f"({self._joined(held['table_with_joins'])}){after}"
        rest = ("with_offset", "with_offset_alias", "with_ordinality")
        if kind == "UNNEST" and not any(held[name] for name in rest):
            self.selects += 1
            return f"UNNEST({self.listed(held['array_exprs'])}){after}"
        raise not_admitted(kind)

    def _known_table(self, held: Node) -> str:
        parts = words.plain_parts(held["name"])
        told = ".".join(part["value"] for part in parts)
        if held["args"] is not None:
            raise RefusedSQL(
                f"{told} is a function in place of a table; a query reads the tables of the fleet"
                " alone, and no files or URLs"
            )
        _only("a table", held, _OF_TABLE)
        known = told.lower() in self._known and len(parts) == 1
        if parts[0]["quote_style"] == "'" or not (known or told.lower() in self._own):
            raise UnknownName.among("table", told, [*self._known.values(), *self._own])
        if known:
            self.read.append(self._known[told.lower()])
        return words.dotted(parts)


def _only(what: str, held: Node, clauses: Collection[str]) -> None:
    others = [clause for clause in held if held[clause] and clause not in clauses]
    if others:
        raise RefusedSQL(f"{others[0].replace('_', ' ').upper()} in {what} is not admitted here")


def _several(node: Node) -> Iterable[Node]:
    kind, held = kind_of(node)
    return held if kind == "Multiple" else [held]


def _left_out(node: Node) -> str:
    return words.name(node) if isinstance(node, dict) else words.object_name(node)


def _aliased(held: Node) -> str:
    columns = held["columns"]
    if any(column["data_type"] is not None for column in columns):
        raise not_admitted("an alias with types")
    told = words.name(held["name"])
    named = ", ".join(words.name(column["name"]) for column in columns)
    return f"{told} ({named})" if columns else told
