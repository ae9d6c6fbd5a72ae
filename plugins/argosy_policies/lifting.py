"""Who may take a policy away: the option that all policies here have, and its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import Field

if TYPE_CHECKING:
    from argosy.types import ChangeEvent

People = Annotated[
    tuple[str, ...],
    Field(description="Who may take the policy away or change it; anybody if empty."),
]
"""The option `lifted_by`."""


class Lifted(Protocol):
    """Options that say who may take the policy away."""

    @property
    def lifted_by(self) -> tuple[str, ...]:
        """The actors; anybody if empty."""
        ...


def lift(event: ChangeEvent, options: Lifted) -> str | None:
    """Say why the policy may not be taken away: only some people may, where it says who.

    Example:
        >>> from types import SimpleNamespace
        >>> lift(SimpleNamespace(actor="eve"), SimpleNamespace(lifted_by=("ada",)))
        'only ada may take it away'
    """
    if not options.lifted_by or event.actor in options.lifted_by:
        return None
    return f"only {', '.join(options.lifted_by)} may take it away"
