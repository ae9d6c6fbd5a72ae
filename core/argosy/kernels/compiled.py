"""Loops over numbers, translated to machine code."""

from __future__ import annotations

import os
from functools import cache, wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from argosy.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


def compiled(loop: Callable[P, R]) -> Callable[P, R]:
    """Have Numba compile a function at its first call, and keep the result on disk.

    It takes a second or two once per machine, and a few milliseconds in each new process. The
    loops run without Python's lock, so threads can share them.

    Args:
        loop: takes and returns arrays and numbers, and calls nothing that is not compiled.

    Returns:
        The function, the same to its callers. It raises a `PluginError` where Numba is missing.

    Source: Lam, Pitrou and Seibert, "Numba: a LLVM-based Python JIT compiler", LLVM-HPC (2015).

    Example:
        >>> compiled(lambda x: x + 1)(2)
        3
    """

    @cache
    def machine_code() -> Callable[P, R]:
        try:
            numba = _numba()
        except ModuleNotFoundError as error:
            raise PluginError(
                "metrics and drift detectors compute with Numba, which is not installed:"
                " pip install 'argosy[metrics]', or argosy[drift]"
            ) from error
        code: Callable[P, R]
        try:
            code = numba.njit(cache=True, nogil=True, error_model="numpy")(loop)
        except RuntimeError:  # nowhere to write: neither beside the module nor in a home
            code = numba.njit(nogil=True, error_model="numpy")(loop)
        return code

    @wraps(loop)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return machine_code()(*args, **kwargs)

    return call


@cache
def _numba() -> Any:  # noqa: ANN401
    """Import Numba: a fifth of a second and 50 MB, so only on use.

    It reads settings from a file `.numba_config.yaml` in the current folder. One of them names a
    folder of compiled code that it would run, so it is told to forget the file.
    """
    numba = import_module("numba")
    numba.core.config._config_fname = os.devnull
    numba.core.config.reload_config()
    return numba
