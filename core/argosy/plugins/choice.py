"""What the user chose among plugins: which take no part, whose offer counts, what is usual.

Offers are addressed by kind and name, as `detectors.psi`. The section `[plugins]` of `argosy.toml`
says all three, and travels with the work as every option does, so that workers choose alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from argosy.errors import BadInput, UnknownName

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from argosy.plugins.discovery import Plugin

OWN = "argosy"
"""The distribution whose offers take part where nobody names any: others wait to be asked."""
_MORE = "+"
"""Before an offer that takes part besides the usual ones."""


def address(kind: str, name: str) -> str:
    """Return how users write an offer: `detectors.psi`."""
    return f"{kind}.{name}"


@dataclass(frozen=True, slots=True)
class Choice:
    """The section `[plugins]`, read."""

    disabled: frozenset[str] = frozenset()
    """Plugins, and offers such as `detectors.psi`."""
    prefer: tuple[str, ...] = ()
    """Plugins; whose offer it is to be, as `detectors.psi=acme`; and of which distribution a plugin
    is to be, as `acme=argosy-acme`."""
    defaults: tuple[str, ...] = ()
    """Offers that take part where nobody names any; `+` before one adds it to the usual ones."""

    @classmethod
    def read(
        cls,
        disable: Iterable[str],
        prefer: Iterable[str],
        defaults: Iterable[str],
        kinds: Collection[str],
    ) -> Choice:
        """Return a choice whose every address is of a kind that there is.

        Raises:
            BadInput: for an address of another form.
            UnknownName: for a kind that does not exist.

        >>> Choice.read([], [], ["+detectors.cliff"], ["detectors"]).added("detectors")
        ('cliff',)
        >>> Choice.read(["detector.psi"], [], [], ["detectors", "metrics"])
        Traceback (most recent call last):
        ...
        argosy.errors.UnknownName: plugins.disable: no kind of offer is called 'detector'; did you
        mean 'detectors'? Known: detectors, metrics
        """
        chosen = cls(frozenset(disable), tuple(prefer), tuple(defaults))
        for one in chosen.disabled:
            _check("disable", one, kinds)
        for one in chosen.prefer:
            _check("prefer", one.partition("=")[0], kinds)
        for one in chosen.defaults:
            offer = one.removeprefix(_MORE)
            if "." not in offer:
                raise BadInput(f"plugins.defaults: {one!r} is no offer; write detectors.{offer}")
            _check("defaults", offer, kinds)
        return chosen

    def left_out(self, kind: str) -> set[str]:
        """Return the names of a kind that take no part."""
        begins = address(kind, "")
        return {one.removeprefix(begins) for one in self.disabled if one.startswith(begins)}

    def giver(self, what: str) -> str | None:
        """Return who was chosen by name for an offer or a plugin, if anybody was."""
        said = dict(one.split("=", 1) for one in self.prefer if "=" in one)
        return said.get(what)

    def first(self, givers: Collection[str]) -> str | None:
        """Return the plugin that is preferred as a whole among several, if one is."""
        return next((one for one in self.prefer if one in givers), None)

    def exactly(self, kind: str) -> tuple[str, ...]:
        """Return the offers of a kind that alone take part where nobody names any, if said."""
        return self._named(kind, "")

    def added(self, kind: str) -> tuple[str, ...]:
        """Return the offers of a kind that take part besides the usual ones."""
        return self._named(kind, _MORE)

    def _named(self, kind: str, sign: str) -> tuple[str, ...]:
        begins = f"{sign}{kind}."
        return tuple(one.removeprefix(begins) for one in self.defaults if one.startswith(begins))

    def strangers(self, plugins: Mapping[str, Plugin]) -> list[str]:
        """Say which names of plugins nobody here has: they may be misspelt."""
        told = []
        for section, names in (("disable", sorted(self.disabled)), ("prefer", self.prefer)):
            for one in names:
                name = one.partition("=")[0] if "." not in one else one.partition("=")[2]
                if name and "." not in name and name not in plugins:
                    why = UnknownName.among("plugin", name, plugins)
                    told.append(f"plugins.{section} says {one!r}, and {why}")
        return told


def _check(section: str, offer: str, kinds: Collection[str]) -> None:
    kind, dot, name = offer.partition(".")
    if not kind or (dot and not name):
        raise BadInput(f"plugins.{section}: {offer!r} is neither a plugin nor an offer")
    if dot and kind not in kinds:
        raise UnknownName(f"plugins.{section}: {UnknownName.among('kind of offer', kind, kinds)}")
