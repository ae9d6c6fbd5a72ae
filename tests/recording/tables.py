"""The tables and artifacts that recorded fleets are made of, the same on every machine."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

LOGGED = [f"m{number}" for number in range(6)]
"""Models that log their predictions; the last two drift."""
LOADED = ["s0", "s1", "altered", "absent", "deadly"]
"""Models with an artifact: two are sound, of three it is altered, absent, or kills its worker."""
TWICE = [*LOGGED[:4], "s0"]
"""Models with a second version."""
TAUGHT = ["t0", "t1", "rowless"]
"""Instances of a template; one has no row to learn from."""
ROWS = 160
FEATURES = [
    {"name": "size", "type": "numeric", "role": "feature"},
    {"name": "age", "type": "numeric", "role": "feature"},
]
FIRST = datetime(2024, 3, 4)
_FEATURE = pl.Struct({"name": pl.String, "type": pl.String, "role": pl.String})
_MAP = pl.Map(pl.String, pl.String)


def _rows(role: str, seed: int) -> pl.DataFrame:
    """Draw the rows of a role: of every model four weeks, `size` moves in the last two."""
    draw, parts = np.random.default_rng(seed), []
    for name in [*LOGGED, *LOADED, *TAUGHT[:2]]:
        score, late = draw.uniform(size=ROWS), np.arange(ROWS) >= ROWS // 2
        truth = (draw.uniform(size=ROWS) < score).astype(np.int64)
        moved = 1.5 * late * (role == "current" and name in LOGGED[4:])
        rows = pl.DataFrame(
            {
                "client": name,
                "by": "1",
                "id": [f"{role}-{row}" for row in range(ROWS)],
                "when": [FIRST + timedelta(hours=4.2 * row) for row in range(ROWS)],
                "size": draw.normal(size=ROWS) + moved + truth,
                "age": draw.integers(18, 90, ROWS),
                "colour": draw.choice(["red", "green", "blue"], ROWS),
                "label": truth,
                "score": score,
            }
        )
        better = rows.with_columns(by=pl.lit("2"), score=pl.Series((score + truth) / 2))
        parts += [rows, better] if name in TWICE else [rows]
    return pl.concat(parts)


def seeded(folder: Path) -> None:
    """Write the tables and artifacts that fleets are made of into a folder."""
    folder.mkdir()
    for seed, role in enumerate(("reference", "holdout", "current", "training", "oddity")):
        rows = _rows(role, seed)
        if role == "current":
            rows.select("client", "id", "label", "when").write_parquet(folder / "truth.parquet")
            rows = rows.drop("label")
        rows.write_parquet(folder / f"{role}.parquet")
    rows = pl.read_parquet(folder / "training.parquet").filter(client="s0")
    seen, truth = rows.select("size", "age"), rows["label"].to_numpy()
    linear = LogisticRegression().fit(seen, truth)
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(seen, truth)
    deadly = DecisionTreeClassifier(max_depth=3, random_state=0).fit(seen, truth)
    deadly.tree_.feature[:] = 2**40  # passes every check of the format, and reads where nothing is
    made = dict.fromkeys(LOADED, tree) | {"s0": linear, "deadly": deadly}
    for name, model in made.items():
        (folder / f"{name}.skops").write_bytes(skops.io.dumps(model))
    known = models(folder)
    known.write_parquet(folder / "models.parquet")
    second(known).write_parquet(folder / "second.parquet")
    templates().write_parquet(folder / "templates.parquet")
    pl.DataFrame(bindings(folder)).write_parquet(folder / "bindings.parquet")
    pl.DataFrame({"model": TAUGHT}).write_csv(folder / "clients.csv")
    pl.DataFrame({"model": ["n0", "m0"], "version": ["1", "1"]}).write_csv(folder / "again.csv")
    pl.DataFrame({"model": ["x0"], "version": ["1"], "owner": ["ada"]}).write_csv(
        folder / "elsewhere.csv"
    )


def models(folder: Path) -> pl.DataFrame:
    own = [
        {"model": name, "version": "1", "team": "risk" if at % 2 else "web", "tier": 1 + at % 3,
         "owner": "ada" if at else None, "format": "external",
         "tags": {"region": "eu" if at % 3 else "us"}}
        for at, name in enumerate(LOGGED)
    ]  # fmt: skip
    loaded = [
        {"model": name, "version": "1", "team": "lab", "tier": 2, "owner": "bob",
         "format": "skops", "artifact": str(folder / f"{name}.skops"), "features": FEATURES}
        for name in LOADED
    ]  # fmt: skip
    kinds = {"tags": _MAP, "features": pl.List(_FEATURE)}
    return pl.DataFrame([*own, *loaded], schema_overrides=kinds, infer_schema_length=None)


def second(known: pl.DataFrame) -> pl.DataFrame:
    """Return the second versions of some."""
    some = known.filter(pl.col("model").is_in(TWICE))
    return some.with_columns(version=pl.lit("2"), seed=pl.lit(3))


def templates() -> pl.DataFrame:
    row = {
        "template": "shop",
        "trainer": "sklearn",
        "params": {"estimator": "LogisticRegression"},
        "metrics": ["auc", "log_loss"],
        "schedule": "1d",
        "effect_delay": "7d",
        "features": FEATURES,
        "owner": "cleo",
    }
    kinds = {"params": _MAP, "features": pl.List(_FEATURE)}
    return pl.DataFrame([row, {**row, "template": "spare"}], schema_overrides=kinds)


def bindings(folder: Path) -> list[dict[str, Any]]:
    log = {"key": "client", "id": "id", "timestamp": "when", "score": "score", "version": "by"}
    learnt = {**log, "truth": "label"}
    rows: list[dict[str, Any]] = [
        {"role": role, "url": str(folder / f"{file}.parquet"), **columns}
        for role, file, columns in (
            ("reference", "reference", {**learnt, "segments": ["colour"]}),
            ("holdout", "holdout", {**learnt, "segments": ["colour"]}),
            ("current", "current", log),
            ("truth", "truth", {"key": "client", "id": "id", "truth": "label"}),
            ("oddity:old", "oddity", learnt),
            ("training", "training", learnt),
        )
    ]
    return rows


def spoil(folder: Path) -> None:
    """Damage what was registered: one artifact is altered, one is lost."""
    with (folder / "altered.skops").open("ab") as file:
        file.write(b"more")
    (folder / "absent.skops").unlink()
