"""Verbs that take a while: begun with a request that is kept, and carried on from it.

A verb works on the fleet as it stands when it begins, whatever others change meanwhile, and as it
stood then when it is resumed; only what it commits is decided on the latest state.
"""

from __future__ import annotations

import inspect
import json
from copy import copy
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import polars as pl

from argosy.errors import UnknownName
from argosy.jobs.carrying import Explained
from argosy.jobs.plan import kept, refuse_other_software
from argosy.jobs.planning import Costs
from argosy.jobs.request import Request, underway
from argosy.jobs.run import Run
from argosy.registry.quarantine import barred
from argosy.store.past import Past, Pinned
from argosy.types import FleetView
from argosy.views.resources import needs
from argosy.views.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from argosy.jobs.running import Progress
    from argosy.store.ledger import Ledger
    from argosy.store.state import State

V = TypeVar("V", bound="Callable[..., Run]")


class Working(FleetView, Protocol):
    """A fleet that runs can be committed to."""

    _ledger: Ledger | Past

    def _writable(self) -> Ledger: ...


@dataclass(frozen=True, slots=True)
class _Verb:
    call: Callable[..., Run]
    kind: str
    signature: inspect.Signature


_VERBS: dict[str, _Verb] = {}


def resumable(kind: str) -> Callable[[V], V]:
    """Let a verb of the fleet be explained, and carried on by another process.

    Its arguments are plain values, but for `selection`, `executor` and `progress`.

    Args:
        kind: of the runs that it makes; the last one says what a model costs.
    """

    def decorated(verb: V) -> V:
        name = verb.__name__
        _VERBS[name] = _Verb(verb, kind, inspect.signature(verb))

        @wraps(verb)
        def begin(fleet: Working, *args: Any, **kwargs: Any) -> Run:  # noqa: ANN401
            return begun(fleet, name, args, kwargs)

        return cast("V", begin)

    return decorated


def begun(
    fleet: Working,
    name: str,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    explain: bool = False,
) -> Run:
    """Call a verb with a new request."""
    if name not in _VERBS:
        raise UnknownName.among("verb that takes a while", name, _VERBS)
    verb = _VERBS[name]
    given = verb.signature.bind(fleet, *args, **kwargs)
    given.apply_defaults()
    told = dict(list(given.arguments.items())[1:])
    executor, progress = told.pop("executor"), told.pop("progress")
    chosen, resumes = told["selection"], True
    if isinstance(chosen, Selection):
        resumes = _as_it_is(chosen.fleet, fleet.url)
        told["selection"] = chosen.expression if resumes else chosen
    ledger = fleet._writable()
    state = ledger.state()
    request = Request(
        verb=name if resumes else "",
        arguments=told,
        executor=executor,
        seq=state.seq,
        actor=ledger.actor,
        group=ledger.group,
        barred=barred(state),
        needs=needs(state),
        costs=_costs(state, verb.kind),
        explain=explain,
    )
    return _called(fleet, Pinned(ledger, state), verb, request, progress)


def explained(
    fleet: Working, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> pl.DataFrame:
    """Return the chunks that a verb would run."""
    try:
        begun(fleet, name, args, kwargs, explain=True)
    except Explained as answer:
        return answer.planned
    raise AssertionError(f"{name} has no plan")


def resumed(
    fleet: Working,
    run_id: str,
    executor: str | None,
    other_software: bool,
    other_data: bool,
    progress: Progress | None,
) -> Run:
    """Carry a run on."""
    ledger = fleet._writable()
    plan = kept(ledger.location, run_id)
    if not other_software:
        refuse_other_software(plan)
    told = plan.request
    if told.verb not in _VERBS:
        raise UnknownName.among("verb that takes a while", told.verb, _VERBS)
    verb = _VERBS[told.verb]
    then = Pinned.at(ledger.grouped(told.group), told.seq)
    state = then.state()
    request = replace(
        told,
        executor=executor or told.executor,
        other_data=other_data,
        barred=barred(state),
        needs=needs(state),
        costs=_costs(state, verb.kind),
    )
    return _called(fleet, then, verb, request, progress)


def _called(
    fleet: Working, ledger: Pinned, verb: _Verb, request: Request, progress: Progress | None
) -> Run:
    pinned = copy(fleet)
    pinned._ledger = cast("Ledger", ledger)  # a job asks no more of a ledger
    ours = {"executor": request.executor, "progress": progress}
    with underway(request):
        run = verb.call(pinned, **request.arguments, **ours)
    return Run(fleet, run.summary)


def _as_it_is(fleet: FleetView, url: str) -> bool:
    """Whether a selection is from the fleet at a URL as it is now, so that its words are enough."""
    return fleet.url == url and not fleet.past


_TAKEN = ("seconds", "read", "made")


def _costs(state: State, kind: str) -> Costs:
    """Return what a model took in the last run of a kind that says so."""
    runs = state["run"].filter(pl.col("job") == kind).sort("seq", descending=True).head(20)
    for run_id, options in runs.select("run_id", "options").iter_rows():
        took = json.loads(options or "{}").get("took") or {}
        if took.get("models"):
            each = {name: (took.get(name) or 0) / took["models"] or None for name in _TAKEN}
            return Costs(**each, run=run_id)
    return Costs()
