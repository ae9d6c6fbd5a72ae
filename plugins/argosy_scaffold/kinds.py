"""The kinds of plugins that can be scaffolded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be scaffolded."""

    hook: str
    """The hook that the doorway answers."""
    summary: str
    """What the project does as it stands; `$name` stands for its name, `$word` for the same as a
    word of Python and SQL."""
    use: str
    """The command that uses it."""
    suite: str = ""
    """The suite that proves it; none where there is nothing to prove but that it works."""
    alone: bool = False
    """Whether the suite needs nothing but a name, so that what is installed can be put to it."""


_PLURALS = {"policy": "policies", "kind": "entity_kinds"}


def plural(kind: str) -> str:
    """Return what `argosy.plugins.installed()` calls what is offered of a kind.

    >>> plural("policy"), plural("metric")
    ('policies', 'metrics')
    """
    return _PLURALS.get(kind, f"{kind}s")


KINDS = {
    "importer": Kind(
        "argosy_importers",
        "Import models from JSON lines with a title, a revision and a contact.",
        "argosy import $name models.jsonl",
        "argosy.testing.importers.ImporterSuite",
    ),
    "policy": Kind(
        "argosy_policies",
        "Only some teams may promote models.",
        "argosy require $name --option 'teams=[\"risk\"]'",
        "argosy.testing.policies.PolicySuite",
    ),
    "kind": Kind(
        "argosy_kinds",
        "Keep who approved which version, with its history: `argosy put $word FILE`.",
        "argosy put $word approvals.csv",
        "argosy.testing.entity_kinds.EntityKindSuite",
    ),
    "source": Kind(
        "argosy_sources",
        "Read tables whose columns are separated by tabs.",
        "argosy bind bindings.csv",
        "argosy.testing.sources.SourceSuite",
    ),
    "task": Kind(
        "argosy_tasks",
        "Let models predict numbers that are never negative.",
        "argosy register models.csv",
        "argosy.testing.tasks.TaskSuite",
    ),
    "loader": Kind(
        "argosy_loaders",
        "Load linear regressions saved as JSON.",
        "argosy register models.csv",
        "argosy.testing.loaders.LoaderSuite",
    ),
    "trainer": Kind(
        "argosy_trainers",
        "Train models that predict the mean of what was true.",
        "argosy define templates.jsonl && argosy train",
        "argosy.testing.trainers.TrainerSuite",
        alone=True,
    ),
    "job": Kind(
        "argosy_jobs",
        "Count the missing cells of each model's data: `argosy $name`.",
        "argosy $name --data current --most 0.2",
        "argosy.testing.jobs.JobSuite",
        alone=True,
    ),
    "executor": Kind(
        "argosy_executors",
        "Run chunks one at a time.",
        "argosy drift --executor $name",
        "argosy.testing.executors.ExecutorSuite",
        alone=True,
    ),
    "metric": Kind(
        "argosy_metrics",
        "Measure the share of predictions within a tenth of the truth.",
        "argosy evaluate --metric $name",
        "argosy.testing.metrics.MetricSuite",
    ),
    "comparison": Kind(
        "argosy_comparisons",
        "Compare two models by the mean of how much less one misses.",
        "argosy compare --comparison $name",
        "argosy.testing.comparisons.ComparisonSuite",
        alone=True,
    ),
    "estimator": Kind(
        "argosy_estimators",
        "Estimate accuracy from how often each predicted class was right.",
        "argosy estimate --estimator $name",
        "argosy.testing.estimators.EstimatorSuite",
        alone=True,
    ),
    "detector": Kind(
        "argosy_detectors",
        "Detect drift of a numeric column's mean.",
        "argosy drift --detector $name",
        "argosy.testing.detectors.DetectorSuite",
        alone=True,
    ),
    "gate": Kind(
        "argosy_gates",
        "Let only versions pass whose values are known well: `argosy gate`.",
        "argosy gate",
        "argosy.testing.gates.GateSuite",
    ),
    "check": Kind(
        "argosy_checks",
        "Find promoted models that nobody owns.",
        "argosy promote --where 'tier = 1' --check $name",
        "argosy.testing.checks.CheckSuite",
    ),
    "listener": Kind(
        "argosy_listeners",
        "Say so when a model of the highest tier is retired or deleted.",
        "argosy --set core.sinks=jsonl --set notices.path=notices.jsonl retire --where 'tier = 1'",
        "argosy.testing.listeners.ListenerSuite",
        alone=True,
    ),
    "cause": Kind(
        "argosy_causes",
        "List in triage the important models that nobody owns.",
        "argosy triage",
        "argosy.testing.causes.CauseSuite",
    ),
    "sink": Kind(
        "argosy_sinks",
        "Keep every notice as a row of a CSV file.",
        "argosy --set core.sinks=$name --set $name.path=notices.csv drift",
        "argosy.testing.sinks.SinkSuite",
    ),
    "panel": Kind(
        "argosy_panels",
        "Show in the report how many models each owner has.",
        "argosy report fleet.html --panel $name",
        "argosy.testing.panels.PanelSuite",
        alone=True,
    ),
    "exporter": Kind(
        "argosy_exporters",
        "Export models as JSON lines with a title, a revision and a contact.",
        "argosy export $name models.jsonl",
        "argosy.testing.exporters.ExporterSuite",
    ),
    "accessor": Kind(
        "argosy_accessors",
        "Count each team's models: `fleet.$word.models()`.",
        "python -c \"import argosy; print(argosy.open('fleet').$word.models())\"",
    ),
    "aspect": Kind(
        "argosy_aspects",
        "Show where a model's own data lies: `argosy show MODEL --$name`.",
        "argosy show MODEL --$name",
        "argosy.testing.aspects.AspectSuite",
    ),
    "command": Kind(
        "argosy_commands",
        "Count each team's models: `argosy $name`.",
        "argosy $name",
        "argosy.testing.commands.CommandSuite",
    ),
    "case": Kind(
        "argosy_cases",
        "Two churn models, one of them right.",
        "argosy case run $name --data .",
        "argosy.testing.cases.CaseSuite",
    ),
}
"""Every kind, in the order of the hooks."""
