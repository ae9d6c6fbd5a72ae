"""What happens to a fleet, who may refuse it, and who hears of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa
    import pydantic

    from argosy.types.view import FleetView

CHANGES = (
    *("define", "undefine", "instantiate", "register", "bind", "tag", "untag", "set_alias"),
    *("clear_alias", "set_owner", "retire", "restore", "delete", "release", "rollback", "promote"),
    *("require", "unrequire", "put", "remove"),
)
"""The verbs of the core that change a fleet; those of jobs are the names of their kinds."""


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One change or one run, whole, as it is about to be committed or as it was."""

    verb: str
    """What happens."""
    fleet: str
    """The fleet's URL."""
    actor: str
    """Who does it."""
    reason: str | None
    """Why, in the actor's words."""
    models: pa.Table
    """Every model that it touches, as it will stand afterwards: the columns of `tables.MODEL`."""
    before: Mapping[str, pa.Table]
    """The entities that it touches as they stood: a table for every kind (`model`, `version`,
    `alias`, `binding`, `policy`, `quarantine`, `template`), without rows where it touches none; and
    for each kind of a plugin's that it touches."""
    after: Mapping[str, pa.Table]
    """The same entities as they will stand; one that is deleted is left out."""
    facts: Mapping[str, pa.Table] = field(default_factory=dict)
    """What a run found, by fact table (`evaluations`, `verdicts` ...); empty before it ran.

    Of `drift` only what alerts or could not be had: all of it may not fit into memory.
    """
    seq: int | None = None
    """The number of the change, once it has one."""
    group: str | None = None
    """The piece of work that the change is part of, such as a night, where the actor named one."""
    touches: frozenset[str] = frozenset()
    """What it changes: kinds of entities such as `alias`, and `alias:champion` for each alias; of a
    run that has not begun, what it would."""
    view: FleetView | None = None
    """The fleet as it would stand after the change; of a run that has not begun, as it stands."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule that changes must keep.

    It holds in a fleet once somebody requires it there, with options of its own and perhaps for
    some models only; from then on every user of the fleet is bound by it.
    """

    name: str
    """What users type; lowercase."""
    summary: str
    """One line for `argosy policies`."""
    verbs: frozenset[str]
    """The verbs that it checks, whatever they change."""
    check: Callable[[ChangeEvent, Any], pa.Table]
    """Object to models, as `argosy.tables.FINDINGS`: the change is refused unless it is empty.

    The second argument is an instance of `options`, or None. May be called again where somebody
    else changed the fleet meanwhile, so it must have no other effect.
    """
    options: type[pydantic.BaseModel] | None = None
    """What can be set where it is required."""
    after: Callable[[ChangeEvent, Any], pa.Table] | None = None
    """Look again once the change has landed; what it finds becomes a notice, nothing is undone."""
    touches: frozenset[str] = frozenset()
    """What it checks the changes of, whatever verb makes them: kinds of entities such as `alias` or
    `binding`, or one alias, as `alias:champion`.

    So `train` with an alias and a rollback that moves one are bound as `set_alias` is. A run is
    asked about before it begins too, with what it would touch.
    """
    lift: Callable[[ChangeEvent, Any], str | None] | None = None
    """Say why the policy may not be taken away or required otherwise, or None where it may.

    It is asked with the options that hold now; without it, anybody may.
    """


@dataclass(frozen=True, slots=True)
class Check:
    """A look at models whose alias was just moved, between the steps of a promotion in waves."""

    name: str
    """What users type; lowercase."""
    summary: str
    """One line of what it looks at."""
    look: Callable[[FleetView, pa.Table], pa.Table]
    """Find models that are not well, as `argosy.tables.FINDINGS`; empty where all are.

    It is handed the fleet to read, and one row per model that the promotion has moved so far:
    `model`, `version`, `previous` (the version that the alias pointed at; null where at none) and
    `step` (int64, from 1). If more of them are found than is tolerated, all are moved back; and
    likewise if it raises. What it says of other models is not looked at.
    """


@dataclass(frozen=True, slots=True)
class Listener:
    """Something that hears of what happened, and may have something to say of it."""

    name: str
    """How its failures are attributed; lowercase."""
    verbs: frozenset[str] | None
    """What it hears of; None: of everything, the jobs of other plugins too."""
    hear: Callable[[ChangeEvent], pa.Table]
    """Called once a change or a run is committed; answers with `argosy.tables.NOTICES`."""


@dataclass(frozen=True, slots=True)
class Sink:
    """Where notices go."""

    name: str
    """What users type; lowercase."""
    send: Callable[[pa.Table], None]
    """Deliver notices, as `argosy.tables.NOTICES`; raise where they could not be delivered."""


@dataclass(frozen=True, slots=True)
class TriageCause:
    """Something that makes triage list a model."""

    name: str
    """What users see in the column `cause`; lowercase."""
    summary: str
    """One line of what it finds."""
    next_step: str
    """What whoever reads it does next, such as a command."""
    find: Callable[[FleetView], pa.Table]
    """Find models, as `argosy.tables.TROUBLES`: `model`, `severity` (0 to 100, the worst first) and
    `reason`. Of several rows of a model the worst counts."""
