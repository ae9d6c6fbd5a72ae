"""Values that options of jobs cannot have, drawn for whatever job is installed."""

import math
from datetime import datetime
from types import UnionType
from typing import Literal, Union, get_args, get_origin

from argosy.plugins import installed
from argosy.testing.commands import NOTHING
from argosy.types.request import Metavar, Offers

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MADE = {
    ("predict", "role"): "name",
    ("train", "alias"): "name",
    ("train", "version"): "name",
    ("gate", "baselines"): "unknown",
    ("compare", "challengers"): "unknown",
    ("close", "columns"): "unknown",
    ("drift", "rules"): "rules",
    ("evaluate", "bootstrap"): "draws",
    ("offpolicy", "policy"): "unknown",
    ("reconcile", "hierarchy"): "unknown",
    ("reconcile", "origin"): "time",
}
"""What options hold whose type does not say it: a name that is made, what is looked up ..."""
PLACEHOLDERS = {
    "ROLE": "unknown",
    "ALIAS": "unknown",
    "COLUMN": "unknown",
    "SQL": "sql",
    "WINDOW": "window",
    "BASELINE": "baseline",
    "TIME": "time",
    "NAME": "name",
    "TEXT": "blank",
    "PERIOD": "period",
    "LEVEL": "level",
    "CUT": "cut",
}


def wrong(kind, name, field, draw):
    """Return values that an option of a job cannot have.

    Args:
        kind: of the job.
        name: of the option.
        field: of its request.
        draw: a `random.Random`.
    """
    sorts = _sorts(kind, name, field)
    assert sorts, f"say in MADE or PLACEHOLDERS what {name!r} of the job {kind!r} cannot be"
    return [value for sort in sorts for value in VALUES[sort](field, draw)]


def _sorts(kind, name, field):
    if (kind, name) in MADE:
        return [MADE[kind, name]]
    marks = list(_marks(field))
    types = set(_types(field.annotation))
    sorts = ["offered"] if any(isinstance(mark, Offers) for mark in marks) else []
    if types & {int, float}:
        sorts.append("number")
    if bool in types:
        sorts.append("flag")
    if Literal in types:
        sorts.append("choice")
    for mark in marks:
        if isinstance(mark, Metavar) and mark.text in PLACEHOLDERS and not sorts:
            sorts.append(PLACEHOLDERS[mark.text])
    if not sorts and datetime in types:
        sorts.append("time")
    return sorts


def _marks(field):
    yield from field.metadata
    waiting = [field.annotation]
    while waiting:
        annotation = waiting.pop()
        yield from getattr(annotation, "__metadata__", ())
        waiting += [*get_args(annotation)] if get_origin(annotation) is not Literal else []


def _types(annotation):
    origin = get_origin(annotation)
    if origin is Literal:
        yield Literal
    elif origin in {Union, UnionType} or hasattr(annotation, "__metadata__"):
        for one in get_args(annotation)[: 1 if hasattr(annotation, "__metadata__") else None]:
            yield from _types(one)
    else:
        yield origin or annotation


def _word(draw):
    return "".join(draw.choices(LETTERS, k=draw.randint(6, 12)))


def _misspelt(field, draw):
    """A name that is offered with a letter too many, too few, or two exchanged."""
    [kind] = {mark.kind for mark in _marks(field) if isinstance(mark, Offers)}
    offered = installed().offered(kind)
    name = draw.choice(sorted(offered))
    at = draw.randrange(len(name))
    for odd in (
        name[:at] + draw.choice(LETTERS) + name[at:],
        name[:at] + name[at + 1 :],
        name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
        _word(draw),
    ):
        if odd and odd not in offered:
            yield [odd]


def _numbers(field, draw):
    yield NOTHING
    if float in set(_types(field.annotation)):
        yield math.nan
    else:
        yield 1.5
    for bound, sign in {"ge": -1, "gt": -1, "le": 1, "lt": 1}.items():
        for mark in field.metadata:
            limit = getattr(mark, bound, None)
            if limit is not None:
                if bound in {"gt", "lt"}:
                    yield limit
                yield limit + sign * draw.randint(1, 1000)


def _period(field, texts):
    """Periods that have no one length, in a list where the field holds several."""
    return [[text] if tuple in set(_types(field.annotation)) else text for text in texts]


VALUES = {
    "offered": _misspelt,
    "number": _numbers,
    "flag": lambda field, draw: ["maybe"],
    "choice": lambda field, draw: [NOTHING],
    "unknown": lambda field, draw: [_word(draw)],
    "name": lambda field, draw: [f"{_word(draw)}/{_word(draw)}"],
    "sql": lambda field, draw: [[f"{_word(draw)} > {draw.randint(0, 9)}"], ["colour >"]],
    "window": lambda field, draw: [
        *(f"by {_word(draw)}", _word(draw), f"0{draw.choice('dw')}", "0 rows"),
        f"{draw.randint(1, 9)}mo{draw.randint(1, 9)}d",
    ],
    "period": lambda field, draw: _period(field, [_word(draw), "0d", f"{draw.randint(1, 9)}mo"]),
    "level": lambda field, draw: [[1 + draw.random()], [0.9, 0.1], [0.0]],
    "cut": lambda field, draw: [[_word(draw)]],
    "baseline": lambda field, draw: [_word(draw), "rolling 4"],
    "time": lambda field, draw: [_word(draw), f"2026-13-{draw.randint(1, 28)}"],
    "blank": lambda field, draw: [" " * draw.randint(1, 5)],
    "rules": lambda field, draw: [[{"level": 1 + draw.random()}], [{_word(draw): 0.1}]],
    "draws": lambda field, draw: [1, -draw.randint(1, 9), NOTHING],
}
