"""What runs append."""

from __future__ import annotations

import pyarrow as pa

from argosy.tables.ledger import TIME
from argosy.types import FactTable

_WINDOW = [("window", pa.string()), ("window_start", TIME), ("window_end", TIME)]

_FACT = [("run_id", pa.string()), ("at", TIME), ("model", pa.string()), ("version", pa.string())]

WORTH = ("n_effective", pa.float64())
"""How many independent rows those of a row are worth, for this metric; null where they are taken
for independent because nothing says when they were, or what they hang together with."""

SHA256 = pa.field("sha256", pa.string())
"""Of the file that a row names, 64 hexadecimal digits."""

EVALUATIONS = pa.schema(
    [
        *_FACT,
        ("dataset", pa.string()),
        ("dataset_digest", pa.string()),
        *_WINDOW,
        ("whole", pa.bool_()),
        ("slice", pa.string()),
        ("slice_key", pa.string()),
        ("task", pa.string()),
        ("metric", pa.string()),
        *[(name, pa.float64()) for name in ("value", "error", "lower", "upper")],
        *[(name, pa.float64()) for name in ("gap", "gap_lower", "gap_upper")],
        *[(name, pa.float64()) for name in ("p_value", "q_value")],
        ("gap_reason", pa.string()),
        ("n", pa.int64()),
        WORTH,
        ("label_coverage", pa.float64()),
        *[(name, pa.int64()) for name in ("mature", "immature", "duplicates", "unmatched")],
        ("status", pa.string()),
        ("reason", pa.string()),
    ]
)
"""How good a version was on a dataset: one row per window, slice and metric.

`dataset` is the role, `dataset_digest` stands for the rows that were measured. Numbers of two
versions compare only where it is equal. Where rows were cut into windows, `whole` says whether
the rows of a window are all there; it is null where they were not cut. `slice` is `all` for all
rows together. `n` rows were measured, worth `n_effective` independent ones (null where they are
taken for independent), of `mature` ones whose label may be expected; `label_coverage` is their
share. `immature` rows were too young, `duplicates` had an id that a
newer row has, and `unmatched` labels had no prediction.

`gap` is the value of a slice less that of the model's other rows, `gap_lower` and `gap_upper` its
95 % interval, `p_value` how probable such a gap is by chance, `q_value` the same adjusted over all
slices, metrics and models of the run. `gap_reason` says why there is no p-value, or what may
explain a gap of a metric that moves with the base rate.
"""

COMPARISONS = pa.schema(
    [
        ("run_id", pa.string()),
        ("at", TIME),
        ("model", pa.string()),
        ("champion_version", pa.string()),
        ("challenger", pa.string()),
        ("challenger_version", pa.string()),
        ("dataset", pa.string()),
        ("dataset_digest", pa.string()),
        ("task", pa.string()),
        ("comparison", pa.string()),
        ("metric", pa.string()),
        ("champion_value", pa.float64()),
        ("challenger_value", pa.float64()),
        ("effect", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("p_value", pa.float64()),
        ("q_value", pa.float64()),
        ("n", pa.int64()),
        WORTH,
        ("verdict", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
    ]
)
"""How a challenger (the alias) did beside the champion: one row per test of a metric.

`effect` is positive where the challenger is better, `lower` and `upper` its 95 % interval.
`verdict` is better, worse, no difference or undecidable, and decided over the whole run.
"""

GATES = pa.schema(
    [
        *_FACT,
        ("gate", pa.string()),
        ("dataset", pa.string()),
        ("dataset_digest", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("bound", pa.float64()),
        ("n", pa.int64()),
        ("passed", pa.bool_()),
        ("status", pa.string()),
        ("reason", pa.string()),
    ]
)
"""Whether a version passed a gate, and else why not; `bound` is what it had to reach.

`status` is failed where a version could not be measured at all.
"""

PREDICTIONS = pa.schema(
    [
        *_FACT,
        ("dataset", pa.string()),
        ("role", pa.string()),
        ("task", pa.string()),
        ("file", pa.string()),
        SHA256,
        ("n", pa.int64()),
        ("status", pa.string()),
        ("reason", pa.string()),
    ]
)
"""Where it is kept what a version predicted.

`dataset` is the role of the `n` rows, `file` the one that holds the predictions, in the folder of
the run below `predicted`, and `sha256` its SHA-256; `role` is what they were bound to, null where
they were not.
"""

ESTIMATES = pa.schema(
    [
        *_FACT,
        ("dataset", pa.string()),
        *_WINDOW,
        ("whole", pa.bool_()),
        ("estimator", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("n", pa.int64()),
        WORTH,
        ("status", pa.string()),
        ("reason", pa.string()),
    ]
)

_CUT = [*_WINDOW, ("segment_key", pa.string()), ("segment_value", pa.string())]

ALL_COLUMNS = "*"
"""What stands in the place of a column for all columns of a model together."""

DRIFT = pa.schema(
    [
        *_FACT,
        *_CUT,
        ("column", pa.string()),
        ("kind", pa.string()),
        ("role", pa.string()),
        ("detector", pa.string()),
        *((name, pa.float64()) for name in ("statistic", "effect", "p_value")),
        ("p_method", pa.string()),
        *((name, pa.float64()) for name in ("q_model", "q_column", "threshold")),
        *((name, pa.string()) for name in ("status", "reason", "detail")),
        *((name, pa.int64()) for name in ("n_ref", "n_cur", "null_ref", "null_cur")),
        WORTH,
        ("unseen_share", pa.float64()),
        ("reference_id", pa.string()),
    ]
)
"""One row per model, window, segment, column and detector.

`kind` is numeric or categorical, or joint for all columns of a model together, whose `column` is
`*`. `role` is feature, prediction or score. `detail` is what a detector adds to an alert: the
columns that gave it away, the window in which it began. `n_effective` is how many independent rows
the smaller side is worth, null where rows are taken for independent. `unseen_share` is the share of
current values in categories that the reference lacks, null for numbers. `reference_id` is `source`
of the table `profiles`: results with the same one were compared with the same reference.
"""

_QUESTION = [
    ("reference", pa.string()),
    ("current", pa.string()),
    ("windows", pa.string()),
    ("against", pa.string()),
]

VERDICTS = pa.schema(
    [
        *_FACT,
        *_QUESTION,
        ("detectors", pa.list_(pa.string())),
        ("verdict", pa.string()),
        ("drifted", pa.bool_()),
        ("q_model", pa.float64()),
        ("worst_column", pa.string()),
        ("severity", pa.float64()),
        ("window", pa.string()),
        ("unjudged", pa.list_(pa.string())),
        ("missing", pa.list_(pa.string())),
        ("excused", pa.list_(pa.string())),
        ("newer", pa.string()),
        ("reason", pa.string()),
    ]
)
"""What one drift check says of each model that it looked at.

`verdict` is `drifted`, `clear` or `unknown`; `drifted` is null where it is unknown. It belongs to
the version and to the question: the roles `reference` and `current`, the `detectors`, how rows
were cut into `windows` (null: not at all) and what these were held `against`. The columns
`unjudged` could not be judged, among them the `missing`: gone, empty, or of another type; `*` is
all of them. A person has `excused` some. `window` is the newest that could be judged, `newer` says
what came after it and could not.
"""

DRIFT_FINDINGS = pa.schema(
    [
        *_FACT,
        *_QUESTION,
        ("reference_id", pa.string()),
        ("segment_key", pa.string()),
        ("segment_value", pa.string()),
        ("column", pa.string()),
        ("detector", pa.string()),
        *_WINDOW,
        *((name, pa.float64()) for name in ("effect", "threshold", "level")),
        *((name, pa.float64()) for name in ("p_value", "q_model", "q_column")),
        *((name, pa.int64()) for name in ("n_ref", "n_cur", "null_ref", "null_cur")),
        ("detail", pa.string()),
        ("state", pa.string()),
        ("opened", TIME),
        ("opened_run", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
    ]
)
"""What became of a finding: a version's column that a detector found drifted.

`state` is `open`, `cleared` by a later check that asked the same, or `closed` by a person, with
the `reason`. The last row of a finding counts. `opened` is when it was found first.
"""

DISTRIBUTIONS = pa.schema(
    [
        *_FACT,
        *_CUT,
        ("column", pa.string()),
        ("kind", pa.string()),
        ("edges", pa.list_(pa.float64())),
        ("categories", pa.list_(pa.string())),
        ("ref_counts", pa.list_(pa.int64())),
        ("cur_counts", pa.list_(pa.int64())),
        ("null_ref", pa.int64()),
        ("null_cur", pa.int64()),
    ]
)

INCIDENTS = pa.schema(
    [
        ("run_id", pa.string()),
        ("at", TIME),
        ("place", pa.int64()),
        ("incident", pa.string()),
        ("state", pa.string()),
        ("kind", pa.string()),
        ("cause", pa.string()),
        ("columns", pa.list_(pa.string())),
        ("models", pa.list_(pa.string())),
        ("many", pa.int64()),
        ("severity", pa.float64()),
        ("window", pa.string()),
        ("onset", pa.string()),
        ("onset_at", TIME),
        ("opened_run", pa.string()),
        ("reason", pa.string()),
    ]
)
"""What became of an incident in a run: opened, ongoing, worsened or resolved.

`place` is the row's in its run; `kind` is upstream, feature, template or model, or `missing input`
where a column could not be compared.
"""

PROFILES = pa.schema(
    [
        *_FACT,
        ("source", pa.string()),
        ("segment_key", pa.string()),
        ("content", pa.string()),
        ("profile", pa.string()),
        SHA256,
    ]
)
"""Where the profile of a version's reference is kept.

`source` stands for the binding that it was read from, `segment_key` is the expression that cuts
it, `content` whether its columns are profiled or a sample of its rows, `profile` the file that
holds it.
"""

FITS = pa.schema(
    [
        *_FACT,
        ("estimator", pa.string()),
        ("source", pa.string()),
        ("fit", pa.string()),
        SHA256,
    ]
)
"""Where it is kept what an estimator learnt of a version's reference.

`source` stands for the binding that it was learnt from and for the estimator's plugin, `fit` is
the file that holds it.
"""

TRAININGS = pa.schema(
    [
        *_FACT,
        ("template", pa.string()),
        ("revision", pa.int64()),
        ("trainer", pa.string()),
        ("task", pa.string()),
        ("dataset", pa.string()),
        ("dataset_digest", pa.string()),
        ("n", pa.int64()),
        ("seed", pa.int64()),
        ("seconds", pa.float64()),
        ("file", pa.string()),
        SHA256,
        ("status", pa.string()),
        ("reason", pa.string()),
    ]
)
"""How a version was trained: on `n` rows of the role `dataset`, by a `revision` of its template.

`seconds` is the model's part, by rows, of the call that trained it with others. `file` holds the
artifact.
"""

PREDICTED_FOLDER, PROFILES_FOLDER, FITTED_FOLDER = "predicted", "profiled", "fitted"
TRAINED_FOLDER = "artifacts/trained"
"""Below the folder of artifacts, so that those of deleted models go as all others do."""

FACTS = {
    table.name: table
    for table in (
        FactTable("evaluations", EVALUATIONS, part="metric", offered="metric"),
        FactTable(
            "comparisons",
            COMPARISONS,
            part="metric",
            offered="comparison",
            version="challenger_version",
        ),
        FactTable("gates", GATES, part="gate", offered="gate"),
        FactTable(
            "predictions",
            PREDICTIONS,
            part="file",
            offered="file",
            cites="file",
            folder=PREDICTED_FOLDER,
            by_run=True,
        ),
        FactTable("estimates", ESTIMATES, part="metric", offered="estimator", detail="estimates"),
        FactTable("drift", DRIFT, part="column", offered="detector", detail="verdicts"),
        FactTable("verdicts", VERDICTS),
        FactTable("findings", DRIFT_FINDINGS, part="column"),
        FactTable("distributions", DISTRIBUTIONS, part="column", detail="verdicts"),
        FactTable("profiles", PROFILES, cites="profile", folder=PROFILES_FOLDER),
        FactTable("fits", FITS, cites="fit", folder=FITTED_FOLDER),
        FactTable(
            "trainings",
            TRAININGS,
            part="file",
            offered="trainer",
            cites="file",
            folder=TRAINED_FOLDER,
            by_run=True,
        ),
        FactTable("incidents", INCIDENTS),
    )
}
"""The tables whose columns are fixed, or that `argosy.views` reads; jobs of plugins add theirs."""
