"""Read JSON lines of a change: every value keeps the type that JSON gives it."""

from __future__ import annotations

import json
from typing import Any

from argosy.errors import BadInput


def read_json_lines(content: bytes, path: str) -> list[dict[str, Any]]:
    r"""Return the object of every line that is not empty.

    Args:
        content: of the file.
        path: what the file is called, for errors.

    Raises:
        BadInput: naming the line that is no object of JSON, and why.

    Example:
        >>> read_json_lines(b'{"model": "007", "tier": 2}\n', "models.jsonl")
        [{'model': '007', 'tier': 2}]
    """
    rows = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except UnicodeDecodeError as error:
            raise BadInput(f"line {number} of {path} is no UTF-8; save it as UTF-8") from error
        except json.JSONDecodeError as error:
            raise BadInput(
                f"line {number} of {path} is no JSON: {error.msg} at character {error.colno};"
                ' write an object per line, such as {"model": "a"}'
            ) from error
        if not isinstance(row, dict):
            raise BadInput(
                f"line {number} of {path} is a {type(row).__name__}, not an object; write one per"
                ' line, such as {"model": "a"}'
            )
        rows.append(row)
    return rows
