"""A job: what is asked of it, what it works on, and what becomes of what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pydantic

    from argosy.types.printing import Printer, Ran
    from argosy.types.request import Request
    from argosy.types.runs import Conclusion, FactTable, Found, Scope, Units
    from argosy.types.work import PerformChunk

R = TypeVar("R", bound="Request")
R_contra = TypeVar("R_contra", bound="Request", contravariant=True)


class PlanUnits(Protocol[R_contra]):
    """Decide what a run works on."""

    def __call__(self, request: R_contra, scope: Scope, /) -> Units:
        """Return the model versions to be worked on, in order, and those that cannot be."""
        ...


class Conclude(Protocol[R_contra]):
    """Decide over all that the chunks found."""

    def __call__(self, request: R_contra, found: Found, /) -> Conclusion:
        """Return what is written of the run, and what it changes in the fleet."""
        ...


class ResolveRequest(Protocol[R]):
    """Fill in what depends on what is installed and set where a run begins."""

    def __call__(self, request: R, /) -> R:
        """Return the request that is carried out, and kept with the run.

        Raises:
            BadInput: if it cannot be carried out; nothing is written then.
        """
        ...


class CheckRequest(Protocol[R_contra]):
    """Refuse what can be meant by none of the selected models."""

    def __call__(self, request: R_contra, scope: Scope, /) -> None:
        """Return if the run may begin; it is asked once, before anything is written.

        Raises:
            ArgosyError: naming the parameter, the reason and what is allowed.
        """
        ...


class DeclareEffects(Protocol[R_contra]):
    """State in advance what a run changes besides its tables."""

    def __call__(self, request: R_contra, /) -> frozenset[str]:
        """Return kinds of entities, and aliases, in the words of `Policy.touches`."""
        ...


class ShowRun(Protocol):
    """Print what a run found."""

    def __call__(self, printer: Printer, run: Ran, flags: Any, /) -> int | None:  # noqa: ANN401
        """Print it, and return `argosy_cli.exit_codes.FOUND` if what was asked for was found.

        The core decides on the exit code otherwise, and prints the reasons of models that failed if
        they are not printed here.

        Args:
            printer: where it goes.
            run: that is committed.
            flags: an instance of the job's `flags`, or None if it has none.
        """
        ...


@dataclass(frozen=True, slots=True)
class Job(Generic[R]):
    """All parts of a job; see `JobKind`."""

    request: type[R]
    """What is asked of it."""
    tables: tuple[FactTable, ...]
    """What its runs append to; the first has the results of a run, and a row for a model that
    failed: `model`, `version`, `status` (`failed`) and `reason`."""
    perform: PerformChunk
    """Work on the models of a chunk. It is a function at the top of a module, which workers import;
    the chunk's options hold the `request`, the fleet's `location` and what `Units.options` adds.
    Without `conclude`, it returns tables of `tables` with columns of their schemas, and of the
    first at least `model`, `version` and `status`."""
    units: PlanUnits[R] | None = None
    """What is to be worked on; by default each model with the data of the request's role `data`."""
    conclude: Conclude[R] | None = None
    """The decision over all that was found; without it, the chunks' tables are written as they
    are."""
    resolve: ResolveRequest[R] | None = None
    """Completes the request when a run begins."""
    check: CheckRequest[R] | None = None
    """Refuses names that none of the selected models can mean, such as a column that none of their
    data has (`argosy_rows.columns`): a typo is told at once, not once per model."""
    plugins: Sequence[str] = ("sources",)
    """The kinds of plugins that the work uses, besides those that fields of the request name: the
    run reports those that could not be loaded."""
    effects: DeclareEffects[R] | None = None
    """What a run changes besides its tables: policies are asked about it before any work, and its
    command takes `--reason`."""
    unversioned: bool = False
    """Whether models without a version are included."""
    done: str = "done"
    """The word for models that did not fail, such as `evaluated`."""
    doing: str = "working"
    """The word before the progress bar, such as `evaluating`."""
    flags: type[pydantic.BaseModel] | None = None
    """Options of the command for how the answer is shown, which are not part of the request."""
    show: ShowRun | None = None
    """Prints what a run found; without it, its summary and failures are printed."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A long-running verb, kept as a run."""

    name: str
    """What users type: the command, the kind of its runs, what policies know it by; lowercase."""
    summary: str
    """One line for `argosy --help`."""
    load: Callable[[], Job[Any]]
    """Import and return it; called only when needed, because its imports may be slow."""
