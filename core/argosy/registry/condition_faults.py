"""Why a condition cannot be worked out on the columns of a table: the engine's words in ours."""

from __future__ import annotations

import re

_WITH_NUMBERS = "compares text with numbers; write numbers without quotes, and text in quotes"
_TEXT = "takes text for a condition; compare it with something"
_TOLD = {
    r"casting from Utf8View to Boolean": _TEXT,
    r"filter predicate must be of type `Boolean`, got `String`": _TEXT,
    r"`bit(?:and|or|xor)` operation not supported for dtype `str`": _TEXT,
    r"filter predicate must be of type `Boolean`, got `(\w+)": (
        "is {0}, and no condition; compare it with something"
    ),
    r"cannot compare string with numeric type": _WITH_NUMBERS,
    r"'is_in' cannot check for (?:\w+ values in List\(String\)|String values in)": _WITH_NUMBERS,
    r"expected `?String`?(?: type)?, got:? `?[iuf]\d+": (
        "takes numbers for text; compare them with numbers"
    ),
    r"arithmetic on dtypes .*\bstr\b.* is not allowed": (
        "calculates with text; name columns of numbers, or compare it"
    ),
    r"conversion from `str` to `[iuf]\d+` failed.*?: \[\"(.*?)\"": (
        "takes text such as '{0}' for a number"
    ),
    r"cannot cast List type": "is of lists, which rows cannot be cut by",
    r"cannot compare 'date/datetime/time' to a string value": (
        "compares text with a time; compare it with text in ISO 8601, such as '2024-01-31'"
    ),
}
"""What the engine says, as a pattern, and what is wrong then."""


def in_our_words(engine: str) -> str | None:
    """Say what is wrong with a condition, as what it does, or None where the engine's words do.

    Args:
        engine: what it raised.

    Example:
        >>> in_our_words("cannot compare string with numeric type (i64)")
        'compares text with numbers; write numbers without quotes, and text in quotes'
    """
    for pattern, told in _TOLD.items():
        found = re.search(pattern, engine)
        if found:
            return told.format(*found.groups())
    return None
