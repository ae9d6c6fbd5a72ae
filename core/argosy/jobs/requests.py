"""Read a job's request, check it, and fill in the names of what plugins offer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from argosy.errors import ArgosyError, BadInput, PluginError, UnknownName, refusal
from argosy.plugins import installed
from argosy.plugins.choice import address
from argosy.types.request import Offers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from argosy.types import Job
    from argosy.types.request import Request

R = TypeVar("R", bound="Request")

_OURS = {"kind", "selection", "where", "executor", "progress", "reason", "explain"}
"""Parameters that every job takes besides its request."""


def read(kind: str, request: type[R], given: Mapping[str, Any]) -> R:
    """Return a job's request, checked.

    Args:
        kind: the name of the job.
        request: what it takes.
        given: parameters by name.

    Raises:
        UnknownName: for a parameter that it does not take, or a name that no plugin offers.
        BadInput: naming the parameter, the value and what is allowed.
    """
    from pydantic import ValidationError

    taken = _OURS & request.model_fields.keys()
    if taken:
        raise PluginError(
            f"the job {kind!r} has a parameter {min(taken)!r}, which every job has of its own;"
            " rename it"
        )
    for name in given:
        if name not in request.model_fields:
            raise UnknownName.among(f"parameter of {kind}", name, request.model_fields)
    try:
        return request.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, ArgosyError):
            raise _named_option(cause, kind, first["loc"]) from None
        parameter = ".".join(map(str, first["loc"])) or "the request"
        raise BadInput(
            f"{parameter} of {kind} cannot be {first['input']!r}: {refusal(first)};"
            f" `argosy {kind} --help` says what is allowed"
        ) from error


def _named_option(error: ArgosyError, kind: str, place: tuple[int | str, ...]) -> ArgosyError:
    """Return an error that says which parameter of a request is meant."""
    if not place:
        return error
    return type(error)(f"{place[0]} of {kind}: {error}")


@contextmanager
def saying_which(kind: str, request: Request) -> Iterator[None]:
    """Let errors inside about an unknown name say which parameter of a request it is."""
    try:
        yield
    except UnknownName as error:
        given = {name: value for name, value in request if value is not None}
        for name, value in given.items():
            several = value if isinstance(value, tuple) else (value,)
            if error.name is not None and error.name in several:
                raise UnknownName(f"{name} of {kind}: {error}") from error
        raise


def resolved(kind: str, job: Job[R], request: R) -> R:
    """Return a request whose names are all offered by plugins, defaults filled in.

    Raises:
        UnknownName: for a name that nobody offers.
        PluginError: if nothing of a kind is installed.
    """
    names = {}
    for field, of in offers(job.request):
        with saying_which(kind, request):
            names[field] = _named(of, getattr(request, field))
    named = request.model_copy(update=names) if names else request
    return job.resolve(named) if job.resolve else named


def faults(job: Job[Any]) -> list[str]:
    """Return the plugins that could not be loaded, and those that a job needs and that failed.

    What the former offer is not known, so that any job might have used it.
    """
    kinds = [*(of.kind for _, of in offers(job.request)), *job.plugins]
    failed = [fault for kind in dict.fromkeys(kinds) for fault in installed().offered(kind).faults]
    return [*installed().unloaded(), *failed]


def missed(job: Job[Any], request: Request) -> list[str]:
    """Return the plugins that could not be loaded and that a request might have meant to ask.

    That is so where it names nothing, and the plugin's source names the hook, or cannot be read.
    """
    hooks = installed().kinds()
    asked = {
        hooks[of.kind]
        for field, of in offers(job.request)
        if of.default and getattr(request, field) in (None, installed().usual(of.kind))
    }
    return [
        plugin.origin
        for plugin in installed().plugins
        if plugin.state == "failed" and asked and not asked.isdisjoint(plugin.hooks or asked)
    ]


def versions(job: Job[Any], request: Request) -> dict[str, str]:
    """Return the version of the plugin that offers each thing that a request names."""
    return {
        name: installed().offered(of.kind).givers[name].version
        for field, of in offers(job.request)
        for name in getattr(request, field)
        or (installed().usual(of.kind) if of.by_template else ())
        if name in installed().offered(of.kind).givers
    }


def offers(request: type[Request]) -> Iterator[tuple[str, Offers]]:
    """Yield the fields of a request whose values are names of what plugins offer."""
    for name, field in request.model_fields.items():
        for mark in field.metadata:
            if isinstance(mark, Offers):
                yield name, mark


def _named(of: Offers, asked: Any) -> Any:  # noqa: ANN401
    offered = installed().offered(of.kind)
    if not offered and of.default:
        raise PluginError(f"no {offered.what} is installed; `argosy plugins` says what is")
    if asked:
        return tuple(offered[name].name for name in asked)
    if not of.default or of.by_template:
        return None
    usual = installed().usual(of.kind)
    if not usual:
        raise PluginError(
            f"no {offered.what} takes part where nobody names any; name some, or set the option"
            f" plugins.defaults, for example to +{address(of.kind, next(iter(offered)))}"
        )
    return usual
