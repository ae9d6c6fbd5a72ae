"""Every hook, in the order in which a run meets them.

Each hook yields values from :mod:`argosy.types`. It is called once, when a fleet first needs a
value of that kind; import heavy libraries inside the values' functions, not in the hook. Two
plugins offering one name is an error naming both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from argosy.types import Case, Command, Detector, Executor, Loader, Metric, Source

hookspec = pluggy.HookspecMarker("argosy")


@hookspec
def argosy_sources() -> Iterable[Source]:
    """Offer storage formats of tables, by name and by file ending.

    Example:
        >>> from argosy.types import Source
        >>> def argosy_sources():
        ...     import polars as pl
        ...     yield Source("avro", (".avro",), lambda url, options: pl.read_avro(url).lazy())
    """


@hookspec
def argosy_loaders() -> Iterable[Loader]:
    """Offer model formats.

    The content a loader receives has the digest it was registered with. A loader must never
    execute code from it, and must not fall back to another format.

    Example:
        >>> from argosy.types import Loader
        >>> def argosy_loaders():
        ...     def load(content):
        ...         from my_library import Model
        ...         return Model.from_json(content)
        ...     yield Loader("my-format", load)
    """


@hookspec
def argosy_executors() -> Iterable[Executor]:
    """Offer places where the chunks of a job run.

    Example:
        >>> from argosy.types import Executor, Finished
        >>> def argosy_executors():
        ...     def run(chunks, perform):
        ...         for chunk in chunks:
        ...             yield Finished(chunk.id, tables=perform(chunk))
        ...     yield Executor("in-line", run)
    """


@hookspec
def argosy_metrics() -> Iterable[Metric]:
    """Offer metrics, each one expression over the predictions of a model.

    Example:
        >>> from argosy.types import Metric
        >>> def argosy_metrics():
        ...     import polars as pl
        ...     miss = (pl.col("truth") - pl.col("prediction")).abs()
        ...     yield Metric(
        ...         "worst_error", frozenset({"regression"}), miss.max(), pl.lit(None, pl.String),
        ...         higher_is_better=False, bounds=(0, float("inf")),
        ...     )
    """


@hookspec
def argosy_detectors() -> Iterable[Detector]:
    """Offer drift detectors.

    Example:
        >>> from argosy.types import Detector
        >>> def argosy_detectors():
        ...     from my_package.energy import measure
        ...     yield Detector(
        ...         "energy", frozenset({"numeric"}), measure, floor=0.1, effect="energy distance"
        ...     )
    """


@hookspec
def argosy_commands() -> Iterable[Command]:
    """Offer subcommands of `argosy`.

    Example:
        >>> from argosy.types import Command
        >>> def argosy_commands():
        ...     def load():
        ...         from my_package.command import invoice
        ...         return invoice
        ...     yield Command("invoice", "Charge each team for its models.", load)
    """


@hookspec
def argosy_cases() -> Iterable[Case]:
    """Offer case studies.

    Example:
        >>> from argosy.types import Case
        >>> def argosy_cases():
        ...     def run(fleet, data):
        ...         from my_package.scenario import play
        ...         return play(fleet, data)
        ...     yield Case("churn", "Twelve churn models of one telephone company.", run)
    """
