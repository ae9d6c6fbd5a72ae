"""Changes to a fleet: what they are, who may refuse them, and who hears of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

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
"""The verbs of the core that change a fleet; the verb of a job is its name."""


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One whole change or run, about to be committed or just committed."""

    verb: str
    """What is done."""
    fleet: str
    """The fleet's URL."""
    actor: str
    """Who does it."""
    reason: str | None
    """Why, in the actor's words."""
    models: pa.Table
    """Every model that it touches, as it will stand afterwards: the columns of
    `argosy.tables.MODEL`."""
    before: Mapping[str, pa.Table]
    """The entities that it touches as they stood: a table for every kind (`model`, `version`,
    `alias`, `binding`, `policy`, `quarantine`, `template`), without rows if it touches none; and
    one for each kind of a plugin's that it touches."""
    after: Mapping[str, pa.Table]
    """The same entities as they will stand; one that is deleted is left out."""
    facts: Mapping[str, pa.Table] = field(default_factory=dict)
    """What a run found, by fact table (`evaluations`, `verdicts` ...); empty before it ran.

    Of `drift` only what alerts or failed: all of it may not fit into memory.
    """
    seq: int | None = None
    """The number of the change, once it has one."""
    group: str | None = None
    """The group that the change is part of, such as a night, if the actor named one."""
    touches: frozenset[str] = frozenset()
    """What it changes: kinds of entities such as `alias`, and `alias:champion` for each alias; of a
    run that has not begun, what it would change."""
    view: FleetView | None = None
    """The fleet as it would stand after the change; of a run that has not begun, as it stands."""


class CheckChange(Protocol):
    """A policy's rule, or its second look."""

    def __call__(self, event: ChangeEvent, options: Any, /) -> pa.Table:  # noqa: ANN401
        """Object to models, as `argosy.tables.FINDINGS`; empty if there is nothing to object to.

        It may be called again if somebody else changes the fleet meanwhile, so it must have no
        other effect.

        Args:
            event: the change.
            options: an instance of the policy's `options`, or None if it has none.
        """
        ...


class RefuseLifting(Protocol):
    """Whether a policy may be taken away, or required with other options."""

    def __call__(self, event: ChangeEvent, options: Any, /) -> str | None:  # noqa: ANN401
        """Return why not, or None if it may.

        Args:
            event: the change that would take the policy away.
            options: those that hold now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule that changes must keep.

    It binds a fleet once somebody requires it there, with its options and perhaps for some models
    only; from then on it binds every user of the fleet.
    """

    name: str
    """What users type; lowercase."""
    summary: str
    """One line for `argosy policies`."""
    verbs: frozenset[str]
    """The verbs that it checks, no matter what they change."""
    check: CheckChange
    """Its rule: the change is refused if it finds anything."""
    options: type[pydantic.BaseModel] | None = None
    """What can be set when it is required."""
    after: CheckChange | None = None
    """A second look once the change has landed: what it finds becomes a notice, and nothing is
    undone."""
    touches: frozenset[str] = frozenset()
    """What it checks the changes of, whatever verb makes them: kinds of entities such as `alias` or
    `binding`, or one alias, as `alias:champion`.

    So `train` with an alias, and a rollback that moves one, are bound as `set_alias` is. The policy
    is asked about a run before it begins too, with what the run would touch.
    """
    lift: RefuseLifting | None = None
    """Why the policy may not be taken away or required otherwise; without it, anybody may."""


class LookAtModels(Protocol):
    """A look at the models that a promotion moves."""

    def __call__(self, fleet: FleetView, moved: pa.Table, /) -> pa.Table:
        """Return the models that are not well, as `argosy.tables.FINDINGS`; empty if all are.

        A model of which it cannot be said whether it is well is not well. If it finds more of the
        moved models than is tolerated, all are moved back; likewise if it raises. Findings about
        other models are ignored.

        Args:
            fleet: to read.
            moved: one row per model that the promotion has moved so far, or is to move: `model`,
                `version`, `previous` (the version that the alias pointed at; null if none) and
                `step` (int64, from 1).
        """
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """A look at the models of a promotion in waves: before it, and between its steps."""

    name: str
    """What users type; lowercase."""
    summary: str
    """One line of what it looks at."""
    look: LookAtModels
    """Find models that are not well."""
    reads: tuple[str, ...] = ()
    """The tables of facts that it judges by, such as `evaluations`.

    One that names some is asked before the first step too, and the models that it finds do not
    move. After a step it is asked about models of which one of these tables has a row, about the
    version that was moved, of a run that was begun since; until it has, the promotion waits. One
    that names none looks at the present, after each step.
    """
    next_step: str = ""
    """The command that measures what it waits for, such as `argosy evaluate`."""


class HearChange(Protocol):
    """What a listener makes of a change or a run."""

    def __call__(self, event: ChangeEvent, /) -> pa.Table:
        """Return notices, as `argosy.tables.NOTICES`; empty if there is nothing to say.

        Args:
            event: the change or run, which is committed by now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Listener:
    """Hears of changes and runs, and may answer with notices."""

    name: str
    """How its failures are attributed; lowercase."""
    verbs: frozenset[str] | None
    """The verbs that it hears of; None: everything, the jobs of other plugins too."""
    hear: HearChange
    """Called once a change or a run is committed."""
    wanted: Callable[[], bool] | None = None
    """Whether anybody wants to know now, asked before a change is laid out; None: always."""


class SendNotices(Protocol):
    """How notices are delivered."""

    def __call__(self, notices: pa.Table, /) -> None:
        """Deliver notices (`argosy.tables.SENT_NOTICES`); raise if they could not be delivered."""
        ...


@dataclass(frozen=True, slots=True)
class Sink:
    """A place that notices are sent to."""

    name: str
    """What users type; lowercase."""
    send: SendNotices
    """Deliver notices."""


class FindTroubles(Protocol):
    """How models that a person should see are found."""

    def __call__(self, fleet: FleetView, /) -> pa.Table:
        """Return `argosy.tables.TROUBLES`: `model`, `severity` (0 to 100, worst first), `reason`.

        Columns of `argosy.tables.TROUBLE_DETAILS` may stand beside them: `version`, `since`,
        `hurts`, `next_step`. If a model has several rows, the worst counts.
        """
        ...


@dataclass(frozen=True, slots=True)
class TriageCause:
    """A cause for which triage lists a model."""

    name: str
    """What users see in the column `cause`; lowercase."""
    summary: str
    """What it finds, in one line."""
    next_step: str
    """What to do next, such as a command; `MODEL` in it becomes the model's name."""
    find: FindTroubles
    """Find them."""
    state: Literal["failed", "drifted", "unknown"] | None = "failed"
    """How a model fares that it finds, in the report: `failed` (something failed, or it does worse
    than it should), `drifted`, `unknown` (nobody can tell); None where that says nothing of it."""
