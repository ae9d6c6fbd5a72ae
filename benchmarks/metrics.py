"""Claim: the usual metrics of 10,000 models of 1,000 rows take about a second of one core.

Errors and intervals included, against a bare scan of the same bytes as Parquet and a loop over
scikit-learn, which gives neither. The last lines show that two threads share the work, and what
the bootstrap costs beside the analytic intervals.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from _measure import alternating, asked, options, ratio
from sklearn import metrics as sk

from argosy.plugins import installed
from argosy.types import Metric
from argosy_scoring.bootstrap import bootstrap

SEED = 20261125
LOOPED = 30
CLASSES = 4
SKLEARN = {
    "binary": (
        lambda t, p, s: sk.accuracy_score(t, p),
        lambda t, p, s: sk.balanced_accuracy_score(t, p),
        lambda t, p, s: sk.f1_score(t, p, average="macro"),
        lambda t, p, s: sk.matthews_corrcoef(t, p),
        lambda t, p, s: sk.precision_score(t, p),
        lambda t, p, s: sk.recall_score(t, p),
        lambda t, p, s: sk.recall_score(t, p, pos_label=0),
        lambda t, p, s: sk.f1_score(t, p),
        lambda t, p, s: sk.roc_auc_score(t, s),
        lambda t, p, s: sk.average_precision_score(t, s),
        lambda t, p, s: sk.log_loss(t, s),
        lambda t, p, s: sk.brier_score_loss(t, s),
    ),
    "multiclass": (
        lambda t, p, s: sk.accuracy_score(t, p),
        lambda t, p, s: sk.balanced_accuracy_score(t, p),
        lambda t, p, s: sk.f1_score(t, p, average="macro"),
        lambda t, p, s: sk.matthews_corrcoef(t, p),
        lambda t, p, s: sk.roc_auc_score(t, s, multi_class="ovr"),
        lambda t, p, s: sk.log_loss(t, s),
        lambda t, p, s: sk.brier_score_loss(t, s),
    ),
    "regression": (
        lambda t, p, s: sk.mean_absolute_error(t, p),
        lambda t, p, s: sk.mean_squared_error(t, p),
        lambda t, p, s: sk.root_mean_squared_error(t, p),
        lambda t, p, s: sk.r2_score(t, p),
        lambda t, p, s: np.mean(p - t),
        lambda t, p, s: sk.mean_absolute_percentage_error(t, p),
        lambda t, p, s: sk.median_absolute_error(t, p),
        lambda t, p, s: sk.max_error(t, p),
    ),
}


def table(task: str, models: int, rows: int) -> pa.Table:
    """Draw models of one task, as a metric is handed them."""
    generator = np.random.default_rng([SEED, len(task)])
    size = models * rows
    if task == "regression":
        truth = generator.gamma(9.0, size=size) + 2
        columns = {"truth": truth, "prediction": truth + generator.normal(size=size)}
    else:
        classes = 2 if task == "binary" else CLASSES
        code = generator.integers(0, classes, size)
        logits = generator.normal(size=(size, classes)) + np.eye(classes)[code]
        each = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        columns = {"truth": code, "prediction": each.argmax(axis=1)}
        columns["truth_score"] = each[np.arange(size), code]
        columns["score" if classes == 2 else "probabilities"] = (
            each[:, 1] if classes == 2 else each.ravel()
        )
    columns["weight"] = np.ones(size)
    classes = {"binary": 2, "multiclass": CLASSES}.get(task)
    told = {"model": [f"m{place}" for place in range(models)], "version": ["1"] * models}
    found = pa.table({**told, "task": [task] * models})
    found = found.append_column("classes", pa.array([classes] * models, pa.int64()))
    for name, flat in columns.items():
        ends = pa.array(np.arange(models + 1) * (len(flat) // models))
        lists = pa.LargeListArray.from_arrays(ends, pa.array(np.asarray(flat, np.float64)))
        found = found.append_column(name, lists)
    return found


def usual(task: str) -> list[Metric]:
    known = installed().metrics.values()
    return [one for one in known if task in one.tasks and one.default and not one.needs]


def families(metrics: list[Metric]) -> list[list[Metric]]:
    found: dict[int, list[Metric]] = {}
    for one in metrics:
        found.setdefault(id(one.measure), []).append(one)
    return list(found.values())


def measure(groups: pa.Table, metrics: list[Metric]) -> None:
    for family in families(metrics):
        family[0].measure(groups, [one.name for one in family])


def loop(task: str, groups: pa.Table) -> None:
    scores = {"binary": "score", "multiclass": "probabilities", "regression": "truth"}[task]
    names = ("truth", "prediction", scores)
    for truth, guess, score in zip(*(groups[name] for name in names), strict=True):
        rows = [np.asarray(one.values) for one in (truth, guess, score)]
        if task == "multiclass":
            rows[2] = rows[2].reshape(-1, CLASSES)
        for one in SKLEARN[task]:
            one(*rows)


def main() -> None:
    given = asked(options(__doc__, models=(10_000, 100), rows=(1_000, 100)))
    print(f"{given.models:,} models of {given.rows:,} rows, seed {SEED}; processor seconds")
    print(f"{'':<38}{'s':>8}{'ns/row':>9}{'x scan':>8}  scikit-learn")
    for task in SKLEARN:
        models = given.models if task == "binary" else given.models // 4
        report(task, table(task, models, given.rows), given.rows, given.rounds)


def written(groups: pa.Table, rows: int, path: Path) -> None:
    """Write the same rows as Parquet."""
    size = groups.num_rows * rows
    columns = {"model": np.repeat(np.arange(groups.num_rows), rows)}
    for name in ("truth", "prediction", "score", "probabilities"):
        if name in groups.column_names:
            flat = groups[name].combine_chunks().values.to_numpy().reshape(size, -1)
            columns |= {f"{name}_{place}": flat[:, place] for place in range(flat.shape[1])}
    pl.DataFrame(columns).write_parquet(path)


def report(task: str, groups: pa.Table, rows: int, rounds: int) -> None:
    metrics = usual(task)
    measure(groups.slice(0, 10), metrics)  # compiled, or read from the cache
    sample, size = groups.slice(0, LOOPED), groups.num_rows * rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        written(groups, rows, path)
        works = {
            "scan": lambda: pl.read_parquet(path),
            "all": lambda: measure(groups, metrics),
            "sklearn": lambda: loop(task, sample),
        }
        for family in families(metrics):
            named = ", ".join(one.name for one in family)
            named = named if len(named) < 37 else f"{named[:33]} ..."
            works[named] = lambda family=family: measure(groups, family)
        found = alternating(works, rounds)
    scan, whole, theirs = (found.pop(name) for name in ("scan", "all", "sklearn"))
    told = f"{task}: {len(metrics)} metrics, {groups.num_rows:,} models"
    for name, spent in (*found.items(), (told, whole)):
        each, times = spent.median / size * 1e9, spent.median / scan.median
        print(f"{name:<38}{spent.median:>8.2f}{each:>9.1f}{times:>8.1f}", end="")
        peer = theirs * (groups.num_rows / sample.num_rows)
        print(f"  {ratio(whole, peer)}" if spent is whole else "")
    shared(groups, metrics, rounds)


def shared(groups: pa.Table, metrics: list[Metric], rounds: int) -> None:
    """Say what a second thread gains, and what a draw of the bootstrap costs."""
    half = groups.num_rows // 2
    parts = [groups.slice(0, half), groups.slice(half)]
    few, draws = groups.slice(0, max(1, groups.num_rows // 100)), 100
    with ThreadPoolExecutor(2) as pool:
        found = alternating(
            {
                "both": lambda: list(pool.map(lambda part: measure(part, metrics), parts)),
                "alone": lambda: measure(groups, metrics),
                "few": lambda: [measure(few, metrics) for _ in range(draws)],
                "drawn": lambda: bootstrap(few, metrics, draws),
            },
            rounds,
        )
    gain = found["alone"].elapsed / found["both"].elapsed
    print(f"{'  one thread over two, elapsed':<38}{gain:>8.2f}")
    print(f"{'  a bootstrap draw over measuring once':<38}  {ratio(found['few'], found['drawn'])}")


if __name__ == "__main__":
    main()
