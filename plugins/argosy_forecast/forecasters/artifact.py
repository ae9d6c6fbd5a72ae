"""What a forecaster has learnt, as JSON; arrays stand in it as base64 of their bytes."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from argosy.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FORMAT = 1
_KINDS = {"<f8", "<f4", "<i8"}


def written(forecaster: str, learnt: Mapping[str, Any]) -> bytes:
    """Write what was learnt; the same gives the same bytes.

    Example:
        >>> read("mean", written("mean", {"weights": np.array([0.5, 0.5])}))["weights"].tolist()
        [0.5, 0.5]
    """
    told = {"argosy_forecaster": forecaster, "format": FORMAT, **learnt}
    return json.dumps(told, default=_array, sort_keys=True, separators=(",", ":")).encode()


def read(forecaster: str, content: bytes) -> dict[str, Any]:
    """Read what `written` wrote.

    Raises:
        ArtifactError: if it is another's, of a later format, or damaged.
    """
    try:
        told = json.loads(content, object_hook=_restored)
    except (ValueError, TypeError, KeyError) as error:
        raise ArtifactError(f"it is no artifact of {forecaster}: {error}") from error
    if not isinstance(told, dict) or told.get("argosy_forecaster") != forecaster:
        raise ArtifactError(f"it is no artifact of the forecaster {forecaster}; fit it anew")
    if told.get("format") != FORMAT:
        raise ArtifactError(
            f"its format is {told.get('format')!r}, and this argosy reads {FORMAT}; fit it anew"
        )
    return told


def _array(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, np.ndarray):
        little = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        text = base64.b64encode(little.tobytes()).decode()
        return {"array": text, "kind": little.dtype.str, "shape": list(little.shape)}
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be written")


def _restored(told: dict[str, Any]) -> Any:  # noqa: ANN401
    if told.keys() != {"array", "kind", "shape"}:
        return told
    if told["kind"] not in _KINDS:
        raise ValueError(f"arrays of {told['kind']!r} are not read")
    flat: NDArray[Any] = np.frombuffer(base64.b64decode(told["array"]), told["kind"])
    return flat.reshape(told["shape"]).astype(flat.dtype.newbyteorder("="))
