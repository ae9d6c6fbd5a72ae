"""Claim: a fleet of 10,000 models is evaluated in seconds.

The logs are seeded: 1,000 rows per model. A run has its metrics with errors, digests and counts
committed. It is compared with a bare polars scan of the columns that the binding names, decoded and
added up, and a loop over scikit-learn;
estimates without labels with NannyML where `make peers` has installed it; models that are loaded
with nothing but loading them and predicting.
"""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import skops.io
from _evaluation_data import SEED, names, write
from _family import peak
from _measure import Spent, alternating, apart, asked, once, options, peer, ratio
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier

import argosy
from argosy.jobs.selected import selected
from argosy.types import Chunk
from argosy_evaluate.work import Order, perform
from argosy_scoring.bound import with_labels
from argosy_scoring.gather import WHOLE
from argosy_scoring.model_cache import Models

ROWS = 1_000
LOOPED = 30
BINARY = (
    *("accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "f1_macro"),
    *("mcc", "brier", "log_loss", "auc", "average_precision"),
)
REGRESSION = ("mae", "mse", "rmse", "r2", "bias", "mape", "median_absolute_error", "max_error")
FEATURES = 10


def main() -> None:
    large = {"large": "also ten times as many models, of 100 rows, for memory"}
    given = asked(options(__doc__, large, models=(10_000, 60), loaded=(1_000, 20)))
    models = given.models
    print(f"{models:,} models x {ROWS:,} rows, seed {SEED}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = write(folder / "logs", models, ROWS)
        fleet = logged(folder / "fleet", models, url)
        parts = looped_over(url)
        binary(fleet, url, parts, models, given.rounds)
        regression(fleet, url, parts, models, given.rounds)
        estimated(fleet, folder, models, given.rounds)
        loaded(folder, given.loaded, given.rounds)
    if given.large:
        grown(models)
    print(f"peak memory of this process: {peak():.1f} GiB")


def binary(
    fleet: argosy.Fleet, url: str, parts: list[dict[str, np.ndarray]], models: int, rounds: int
) -> None:
    found = alternating(
        {
            "scan": lambda: bare(url, ["model", "label", "score"]),
            "logged": lambda: fleet.evaluate(data="binary", metrics=BINARY),
            "sliced": lambda: fleet.evaluate(data="binary", metrics=BINARY, slices=["group"]),
            "loop": lambda: [_binary(part) for part in parts],
        },
        rounds,
    )
    line("bare scan of what binary metrics read", found["scan"], found["scan"], models)
    line(f"logged, {len(BINARY)} binary metrics", found["logged"], found["scan"], models)
    line("the same, and in ten slices", found["sliced"], found["scan"], models)
    print(f"  of processors {ratio(found['logged'], found['sliced'])} without slices")
    loop_line("binary", found["loop"] / len(parts) * models, found["logged"])


def regression(
    fleet: argosy.Fleet, url: str, parts: list[dict[str, np.ndarray]], models: int, rounds: int
) -> None:
    found = alternating(
        {
            "scan": lambda: bare(url, ["model", "sales", "forecast"]),
            "logged": lambda: fleet.evaluate(data="regression", metrics=REGRESSION),
            "loop": lambda: [_regression(part) for part in parts],
        },
        rounds,
    )
    line("bare scan of what regressions read", found["scan"], found["scan"], models)
    line(f"logged, {len(REGRESSION)} regression metrics", found["logged"], found["scan"], models)
    loop_line("regression", found["loop"] / len(parts) * models, found["logged"])


def logged(folder: Path, models: int, url: str) -> argosy.Fleet:
    fleet = argosy.open(str(folder), create=True)
    fleet.register(pl.DataFrame({"model": names(models), "version": ["1"] * models}))
    shared = {"url": url, "key": "model"}
    fleet.bind(
        [
            {"role": "binary", **shared, "truth": "label", "score": "score"},
            {"role": "regression", **shared, "truth": "sales", "prediction": "forecast"},
        ]
    )
    return fleet


def bare(url: str, columns: list[str]) -> pl.DataFrame:
    """Read what an evaluation must: every column that the binding names, decoded and looked at."""
    frame = pl.scan_parquet(url).select(columns).collect()
    return frame.select(pl.col(columns[0]).str.len_bytes().sum(), pl.col(columns[1:]).sum())


def line(what: str, spent: Spent, scan: Spent, models: int) -> None:
    each = 1000 * spent.median / models
    print(
        f"{what:<40}{spent.elapsed:>8.2f} s elapsed{spent.median:>8.2f} s of processors"
        f"{each:>8.2f} ms per model  {ratio(scan, spent)} scan"
    )


def loop_line(task: str, loop: Spent, ours: Spent) -> None:
    told = f"scikit-learn loop, {task}, scaled from {LOOPED} models"
    print(f"{told:<52}{loop.median:>8,.0f} s, {ratio(ours, loop)} argosy")


def looped_over(url: str) -> list[dict[str, np.ndarray]]:
    """Return the rows of a few models, in memory."""
    frame = pl.scan_parquet(url).head(LOOPED * ROWS).collect()
    parts = [part.to_dict(as_series=True) for part in frame.partition_by("model")]
    return [{name: column.to_numpy() for name, column in part.items()} for part in parts]


def _binary(part: dict[str, np.ndarray]) -> list[float]:
    truth, score = part["label"], part["score"]
    said = (score >= 0.5).astype(np.int64)
    return [
        metrics.accuracy_score(truth, said),
        metrics.balanced_accuracy_score(truth, said),
        metrics.precision_score(truth, said),
        metrics.recall_score(truth, said),
        metrics.recall_score(truth, said, pos_label=0),
        metrics.f1_score(truth, said),
        metrics.f1_score(truth, said, average="macro"),
        metrics.matthews_corrcoef(truth, said),
        metrics.brier_score_loss(truth, score),
        metrics.log_loss(truth, score),
        metrics.roc_auc_score(truth, score),
        metrics.average_precision_score(truth, score),
    ]


def _regression(part: dict[str, np.ndarray]) -> list[float]:
    truth, said = part["sales"], part["forecast"]
    return [
        metrics.mean_absolute_error(truth, said),
        metrics.mean_squared_error(truth, said),
        metrics.root_mean_squared_error(truth, said),
        metrics.r2_score(truth, said),
        float(np.mean(said - truth)),
        metrics.mean_absolute_percentage_error(truth, said),
        metrics.median_absolute_error(truth, said),
        metrics.max_error(truth, said),
    ]


def estimated(fleet: argosy.Fleet, folder: Path, models: int, rounds: int) -> None:
    sides = {"": lambda: fleet.estimate(reference="binary", current="binary")}
    spent = alternating(sides, rounds)[""]
    each = 1000 * spent.elapsed / models
    print(f"{'estimated without labels (CBPE)':<40}{spent.elapsed:>8.2f} s elapsed{each:>8.2f} ms")
    told = peer("NannyML", "_nannyml_peer.py", str(folder / "logs"))
    if told:
        each, times = 1000 * told["seconds"], told["seconds"] * models / spent.elapsed
        print(f"NannyML {told['version']}: {each:,.0f} ms per model, {times:,.0f} x")


def loaded(folder: Path, models: int, rounds: int) -> None:
    """Say what a worker spends beyond loading models and letting them predict."""
    generator = np.random.default_rng(SEED)
    columns = [f"x{number}" for number in range(FEATURES)]
    owners = names(models)
    x = generator.normal(size=(ROWS, FEATURES))
    y = (x[:, 0] + generator.normal(size=ROWS) > 0).astype(np.int64)
    made = [RandomForestClassifier(20, max_depth=8, random_state=n).fit(x, y) for n in range(10)]
    content = [skops.io.dumps(model) for model in made]
    for number, owner in enumerate(owners):
        (folder / f"{owner}.skops").write_bytes(content[number % 10])
    table = pl.DataFrame(generator.normal(size=(ROWS * models, FEATURES)), schema=columns)
    table = table.with_columns(
        model=pl.Series(np.repeat(owners, ROWS)), y=generator.integers(0, 2, ROWS * models)
    )
    table.write_parquet(folder / "table.parquet", row_group_size=50 * ROWS)
    fleet = argosy.open(str(folder / "scored"), create=True)
    fleet.register(
        pl.DataFrame(
            {
                "model": owners,
                "version": ["1"] * models,
                "format": ["skops"] * models,
                "artifact": [str(folder / f"{owner}.skops") for owner in owners],
            }
        )
    )
    url = str(folder / "table.parquet")
    fleet.bind([{"role": "holdout", "url": url, "key": "model", "truth": "y"}])
    fleet.evaluate("model < '000004'", metrics=["auc"])  # the workers start
    whole = once(lambda: fleet.evaluate(metrics=BINARY)).elapsed
    print(f"{models:,} scikit-learn models, loaded: {whole:.1f} s, workers at two cores")
    chunk, units = _chunk(fleet, 100)
    part = table.filter(pl.col("model").is_in(units["model"].implode()))
    parts = part.partition_by("model", include_key=False)

    def needed() -> None:
        held = Models(fleet.location)
        for unit, mine in zip(units.iter_rows(named=True), parts, strict=True):
            held.get(unit).predict(mine.select(columns))

    found = alternating({"needed": needed, "chunk": lambda: perform(chunk)}, rounds)
    print(
        f"  a chunk of {units.height}: {found['chunk'].median:.2f} s of processors,"
        f" {ratio(found['needed'], found['chunk'])} loading and predicting alone"
    )


def _chunk(fleet: argosy.Fleet, models: int) -> tuple[Chunk, pl.DataFrame]:
    units = with_labels(
        fleet.ledger.state(), selected(fleet, None), "holdout", None
    ).sort("model").head(models)  # fmt: skip
    told = units.with_columns(seen=pl.lit([], pl.List(pl.String)))
    order = Order(tuple(BINARY), WHOLE)
    options = {"order": order, "location": fleet.location}
    return Chunk("0", told.to_arrow(), options), units


def grown(models: int) -> None:
    """Evaluate ten times as many models in a process of its own, and say what that took."""
    for many in (models, 10 * models):
        told = apart("_evaluation_growth.py", str(many))
        print(
            f"{many:,} models x 100 rows, in a process of its own: {told['seconds']:.2f} s,"
            f" peak {told['peak']:.2f} GiB, before it {told['before']:.2f} GiB"
        )


if __name__ == "__main__":
    main()
