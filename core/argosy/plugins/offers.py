"""What is offered of one kind, by name: who offers it, and why a name is not to be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from argosy.errors import PluginError, UnknownName
from argosy.plugins.choice import OWN, Choice, address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from argosy.plugins.discovery import Plugin

T = TypeVar("T")


class Offered(dict[str, T]):
    """What is offered of one kind, by name; asking for a name that is not says which are."""

    def __init__(self, what: str, missing: Iterable[Plugin]) -> None:
        super().__init__()
        self.what = what
        """The kind, as it is called in messages."""
        self.givers: dict[str, Plugin] = {}
        """Who offers each."""
        self.contested: dict[str, str] = {}
        """Names that several plugins offer, or that clash, and what is to be done."""
        self.disabled: set[str] = set()
        """Names that the user left out."""
        self.usual: set[str] = set()
        """Names that take part where nobody names any, whoever was chosen to offer them."""
        self.faults: list[str] = []
        """Why plugins that answer the hook could not be asked, or not for all that they offer."""
        self._missing = tuple(missing)

    def __missing__(self, name: str) -> T:
        if name in self.contested:
            raise PluginError(self.contested[name])
        missing = [f"{plugin.origin} {plugin.state}: {plugin.reason}" for plugin in self._missing]
        if name in self.disabled:
            missing.insert(0, f"plugins.disable leaves {name!r} out")
        raise UnknownName.among(self.what, name, self, "; ".join([*missing, *self.faults]))

    def own(self, name: str) -> bool:
        """Whether a name is offered by argosy's own distribution."""
        giver = self.givers.get(name)
        return giver is not None and giver.distribution == OWN

    def absent(self, name: str) -> str:
        """Say why a name is not among those that are offered."""
        if name in self.contested:
            return self.contested[name]
        return (
            f"plugins.disable leaves {name!r} out"
            if name in self.disabled
            else "it is not installed here"
        )

    def settle(
        self, kind: str, name: str, offers: Sequence[tuple[Plugin, T]], choice: Choice
    ) -> None:
        """Take the offer that counts of those that have one name, or say how to choose."""
        own = [value for plugin, value in offers if plugin.distribution == OWN]
        if any(getattr(value, "default", False) for value in own):
            self.usual.add(name)
        by_giver = {plugin.name: (plugin, value) for plugin, value in offers}
        wanted = choice.giver(address(kind, name))
        if wanted is None and len(offers) > 1:
            wanted = choice.first(by_giver)
        if wanted is not None and wanted not in by_giver:
            self.withdraw(
                name,
                f"plugins.prefer takes the {self.what} {name!r} from {wanted!r}, which does not"
                f" offer it here; {_listed(by_giver)} would",
            )
        elif wanted is None and len(offers) > 1:
            self.withdraw(name, _several(self.what, kind, name, [each for each, _ in offers]))
        else:
            plugin, value = by_giver[wanted] if wanted is not None else offers[0]
            self[name], self.givers[name] = value, plugin

    def withdraw(self, name: str, why: str) -> None:
        """Offer a name no longer, for a reason that whoever asks for it is told."""
        self.pop(name, None)
        self.givers.pop(name, None)
        self.contested[name] = why
        self.faults.append(why)


def _several(what: str, kind: str, name: str, givers: Sequence[Plugin]) -> str:
    # whoever came besides is to go: a built-in has more to offer than this
    first, *_, last = sorted(givers, key=lambda one: one.distribution != OWN)
    if len({one.name for one in givers}) == 1:
        return f"the {first.origin} offers the {what} {name!r} twice; rename one of them"
    offer = address(kind, name)
    return (
        f"two plugins offer the {what} {name!r}: {_listed([one.name for one in givers])}, so"
        f" neither is used; choose one in argosy.toml, in the section [plugins]:"
        f' prefer = ["{offer}={first.name}"] or prefer = ["{offer}={last.name}"]; or leave a'
        f' plugin out: disable = ["{last.name}"]'
    )


def _listed(names: Iterable[str]) -> str:
    return " and ".join(repr(name) for name in names)
