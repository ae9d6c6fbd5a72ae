"""Print what an evaluation found: how the fleet stands by each metric, and what is worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.views.metrics import by_metric, labels, worst_slices

if TYPE_CHECKING:
    from argosy.types import Printer, Ran

_FEW = 10


def show(printer: Printer, run: Ran, _: object) -> None:
    """Print what a run did, how the fleet stands by each metric, and what is worst."""
    rows = run.view.evaluations().filter(run_id=run.id)
    metrics, slices, counted = by_metric(rows), worst_slices(rows), labels(rows)
    if printer.json:
        found = {"metrics": metrics.to_dicts(), "worst_slices": slices.to_dicts()}
        printer.emit({**run.summary, "labels": counted, **found})
        return
    printer.run(run, "evaluated")
    for line in _of_labels(counted):
        printer.say(line)
    if metrics.height:
        printer.emit(metrics, limit=None)
    if slices.height:
        title = f"{slices.height} models have a slice that is worse than chance explains"
        columns = ["model", "slice", "metric", "value", "gap", "n", "q_value"]
        printer.emit(slices, columns, title=title, limit=_FEW)


def _of_labels(counted: dict[str, int]) -> list[str]:
    """Say what did not count, and why."""
    missing = counted["mature"] - counted["n"]
    told = {
        f"have no label yet, of {counted['mature']:,} old enough to have one": missing,
        "were too young to be expected to have a label": counted["immature"],
        "have an id that a newer row has, and do not count": counted["duplicates"],
    }
    lines = [f"{many:,} rows {what}" for what, many in told.items() if many]
    if counted["unmatched"]:
        lines.append(f"{counted['unmatched']:,} labels have no prediction")
    return lines
