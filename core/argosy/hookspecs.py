"""Every hook, in the order in which a run meets them.

Each hook yields values from :mod:`argosy.types`. It is called once, when a fleet first needs a
value of that kind, in the order of the plugins' names; import heavy libraries inside the values'
functions, not in the hook. Two plugins offering one name stop that name alone, and are
both named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pydantic

    from argosy import types

hookspec = pluggy.HookspecMarker("argosy")


@hookspec
def argosy_options() -> type[pydantic.BaseModel]:
    """Declare the options of the plugin.

    They come from `argosy.toml`, the environment and the command line, and
    `argosy.plugins.options(NAME)` returns them validated, on workers too. Called when they are
    first asked for; each plugin declares its own.

    Example:
        >>> import pydantic
        >>> class Options(pydantic.BaseModel):
        ...     bandwidth: float = pydantic.Field(1.0, gt=0, description="Width of the kernel.")
        >>> def argosy_options():
        ...     return Options
    """


@hookspec
def argosy_importers() -> Iterable[types.Importer]:
    """Offer ways in for models that another system lists: `argosy import NAME URL`.

    Example:
        >>> from argosy.types import Importer
        >>> def argosy_importers():
        ...     def read(url, options):
        ...         import polars as pl
        ...         listed = pl.read_json(url).rename({"name": "model"})
        ...         return listed.select("model", "version", "owner").to_arrow()
        ...     yield Importer("wiki", "Models as our wiki lists them.", read)
    """


@hookspec
def argosy_policies() -> Iterable[types.Policy]:
    """Offer rules that changes must keep where a fleet requires them.

    Example:
        >>> from argosy.types import Policy
        >>> def argosy_policies():
        ...     def check(event, options):
        ...         import polars as pl
        ...         weekend = pl.lit(f"{event.verb}: never on a Friday")
        ...         models = pl.DataFrame(event.models)
        ...         return models.select("model", reason=weekend).to_arrow()
        ...     yield Policy(
        ...         "no-fridays", "Nothing is promoted.", frozenset({"set_alias"}), check
        ...     )
    """


@hookspec
def argosy_kinds() -> Iterable[types.EntityKind]:
    """Offer kinds of entities that are kept on the ledger beside models and versions.

    From each come `fleet.put` and `fleet.remove` (`argosy put NAME FILE`), its table in
    `fleet.table`, SQL and `as_of`, and its history, rollback, groups and `verify`.

    Example:
        >>> from argosy.types import EntityKind
        >>> def argosy_kinds():
        ...     import pyarrow as pa
        ...     names = ("model", "version", "approver", "comment")
        ...     schema = pa.schema([(name, pa.string()) for name in names])
        ...     yield EntityKind(
        ...         "approval", "approvals", schema, ("model", "version"), "Who approved a version."
        ...     )
    """


@hookspec
def argosy_sources() -> Iterable[types.Source]:
    """Offer storage formats of tables, by name and by file ending.

    Example:
        >>> from argosy.types import Source
        >>> def argosy_sources():
        ...     import polars as pl
        ...     yield Source("avro", (".avro",), lambda url, options: pl.read_avro(url).lazy())
    """


@hookspec
def argosy_tasks() -> Iterable[types.TaskKind]:
    """Offer what models can predict: the names in the `task` column of a registration.

    A task reads truth and prediction of many models at once, from a log and from what models
    answer here. Metrics, comparisons and estimators name the tasks that they apply to.

    Example:
        >>> from argosy.types import Readout, TaskKind
        >>> def argosy_tasks():
        ...     import polars as pl
        ...     def read(handed, prediction):
        ...         seen = pl.col(handed.binding["truth"]).cast(pl.Float64)
        ...         rows = handed.rows.select(truth=seen, prediction=prediction.cast(pl.Float64))
        ...         negative = pl.when(pl.col("prediction") < 0).then(pl.lit("it is negative"))
        ...         return Readout(rows.with_columns(reason=negative))
        ...     def from_log(handed):
        ...         return read(handed, handed.rows[handed.binding["prediction"]])
        ...     def from_models(handed, answers):
        ...         return read(handed, pl.concat([one.rows["prediction"] for one in answers]))
        ...     yield TaskKind("count", "How often something happens.", from_log, from_models)
    """


@hookspec
def argosy_loaders() -> Iterable[types.Loader]:
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
def argosy_trainers() -> Iterable[types.Trainer]:
    """Offer ways to make versions of models: `argosy train`.

    Example:
        >>> from argosy.types import Trainer
        >>> def argosy_trainers():
        ...     from my_package.mean import train
        ...     yield Trainer("mean", train, "Predicts the mean of what it saw.")
    """


@hookspec
def argosy_jobs() -> Iterable[types.JobKind]:
    """Offer verbs that take a while: jobs over a selection, each kept as a run with its results.

    A job has a request, tables that its runs append to, and work on a chunk of models. From these
    come `argosy NAME` with its options, `fleet.run(NAME, ...)`, its tables in `fleet.table`, SQL,
    `as_of`, `verify` and `maintain`, executors, retries, quarantine, resuming and progress.

    Example:
        >>> from argosy.types import JobKind
        >>> def argosy_jobs():
        ...     def load():
        ...         from my_package.count import JOB  # an argosy.types.Job
        ...         return JOB
        ...     yield JobKind("count", "Count the rows of models.", load)
    """


@hookspec
def argosy_executors() -> Iterable[types.Executor]:
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
def argosy_metrics() -> Iterable[types.Metric]:
    """Offer metrics, each one number over the predictions of a model.

    Example:
        >>> from argosy.types import Metric
        >>> def argosy_metrics():
        ...     import polars as pl
        ...     from argosy.kernels import aggregation
        ...     miss = (pl.col("truth") - pl.col("prediction")).abs()
        ...     yield Metric(
        ...         "worst_error", frozenset({"regression"}),
        ...         aggregation(miss.max(), undefined=pl.lit(None, pl.String)),
        ...         higher_is_better=False, bounds=(0, float("inf")),
        ...     )
    """


@hookspec
def argosy_comparisons() -> Iterable[types.Comparison]:
    """Offer paired tests of whether a challenger is better than the champion on the same rows.

    Example:
        >>> from argosy.types import Comparison
        >>> def argosy_comparisons():
        ...     from my_package.sign_test import measure
        ...     yield Comparison("sign_test", frozenset({"regression"}), ("mae",), measure)
    """


@hookspec
def argosy_estimators() -> Iterable[types.Estimator]:
    """Offer estimators of how well models do before their labels are there.

    Example:
        >>> from argosy.types import Estimator
        >>> def argosy_estimators():
        ...     from my_package.confidence import estimate, fit
        ...     yield Estimator(
        ...         "confidence", frozenset({"binary"}), ("accuracy",), fit, estimate
        ...     )
    """


@hookspec
def argosy_detectors() -> Iterable[types.Detector]:
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
def argosy_gates() -> Iterable[types.Gate]:
    """Offer gates that `argosy gate` holds versions to before a promotion.

    Example:
        >>> from argosy.types import Gate
        >>> def argosy_gates():
        ...     from my_package.enough_rows import judge
        ...     yield Gate("rows", "A thousand rows at least.", judge)
    """


@hookspec
def argosy_checks() -> Iterable[types.Check]:
    """Offer checks of the models of a promotion: `argosy promote --check NAME`.

    Example:
        >>> from argosy.types import Check
        >>> def argosy_checks():
        ...     from my_package.complaints import look
        ...     yield Check("complaints", "Nobody rings up about them.", look)
    """


@hookspec
def argosy_listeners() -> Iterable[types.Listener]:
    """Offer listeners to the life of a fleet: register, alias moves, evaluate, drift, retire ...

    Example:
        >>> from argosy.types import Listener
        >>> def argosy_listeners():
        ...     def hear(event):
        ...         import polars as pl
        ...         from argosy.tables import NOTICES
        ...         print(f"change {event.seq}: {event.verb}")
        ...         return NOTICES.empty_table()
        ...     yield Listener("echo", frozenset({"retire"}), hear)
    """


@hookspec
def argosy_causes() -> Iterable[types.TriageCause]:
    """Offer causes for which `argosy triage` lists a model, with severity and next step.

    Example:
        >>> from argosy.types import TriageCause
        >>> def argosy_causes():
        ...     def find(view):
        ...         import polars as pl
        ...         nobody = view.models().filter(pl.col("owner").is_null()).collect()
        ...         why = {"severity": pl.lit(20.0), "reason": pl.lit("it has no owner")}
        ...         return nobody.select("model", **why).to_arrow()
        ...     yield TriageCause("ownerless", "Models without an owner.", "argosy owner", find)
    """


@hookspec
def argosy_sinks() -> Iterable[types.Sink]:
    """Offer places that notices are sent to; users choose with the option `core.sinks`.

    Example:
        >>> from argosy.types import Sink
        >>> def argosy_sinks():
        ...     def send(notices):
        ...         for notice in notices.to_pylist():
        ...             print(notice["severity"], notice["text"])
        ...     yield Sink("console", send)
    """


@hookspec
def argosy_panels() -> Iterable[types.Panel]:
    """Offer sections of the report.

    Example:
        >>> from argosy.types import Panel
        >>> def argosy_panels():
        ...     def render(fleet):
        ...         return f"<p>{fleet.models().collect().height} models</p>"
        ...     yield Panel("size", "How large is the fleet?", 5, render)
    """


@hookspec
def argosy_exporters() -> Iterable[types.Exporter]:
    """Offer ways out for the fleet's tables: `argosy export NAME URL`.

    Example:
        >>> from argosy.types import Exporter
        >>> def argosy_exporters():
        ...     def write(tables, url, options):
        ...         import polars as pl
        ...         pl.DataFrame(tables["models"]).write_ndjson(url)
        ...     yield Exporter("wiki", "The page of all models.", ("models",), write)
    """


@hookspec
def argosy_accessors() -> Iterable[types.Accessor]:
    """Add a family of verbs to a fleet, as `fleet.NAME`.

    Example:
        >>> from argosy.types import Accessor
        >>> def argosy_accessors():
        ...     from my_package.greetings import Greetings
        ...     yield Accessor("greetings", "Say hello to models.", Greetings)
    """


@hookspec
def argosy_aspects() -> Iterable[types.Aspect]:
    """Offer aspects of one model: sections and flags of `argosy show MODEL`.

    Example:
        >>> from argosy.types import Aspect, Section
        >>> def argosy_aspects():
        ...     from my_package.calls import read, show
        ...     calls = Section("calls", 40, read, ("day", "complaints"))
        ...     yield Aspect("calls", "Only who rang up about it.", show, calls)
    """


@hookspec
def argosy_commands() -> Iterable[types.Command]:
    """Offer subcommands of `argosy`, or with a space in the name of a group: `plugins new`.

    The group is argosy's or any plugin's; a name that it has already is an error naming both.

    Example:
        >>> from argosy.types import Command
        >>> def argosy_commands():
        ...     def load():
        ...         from my_package.command import invoice
        ...         return invoice
        ...     yield Command("invoice", "Charge each team for its models.", load)
    """


@hookspec
def argosy_cases() -> Iterable[types.Case]:
    """Offer case studies.

    Example:
        >>> from argosy.types import Case
        >>> def argosy_cases():
        ...     def run(fleet, data):
        ...         from my_package.scenario import play
        ...         return play(fleet, data)
        ...     yield Case("churn", "Twelve churn models of one telephone company.", run)
    """
