"""The story: train on light wines, judge on both sides, compare what the models are fed."""

from __future__ import annotations

import tomllib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import fsspec
import polars as pl

import argosy
from argosy_wine.data import FEATURES, models, windows

if TYPE_CHECKING:
    from argosy import Fleet, Run

TEMPLATE = "wine-quality"


def play(url: str, data: Path) -> pl.DataFrame:
    """Play the case in the fleet at `url`, with the wines in the folder `data`.

    Random forests are trained on the light wines of one colour, five on five random splits of
    each. The strong wines are worse foretold, and the drift check says why, without their
    quality being known. The light wines held out are the control: they must not drift. Each
    figure is the mean over the models of a colour.

    Returns the figures: `figure`, `expected`, `measured`, `tolerance` (relative), `holds`.
    """
    fleet = argosy.open(url, create=True, actor="wine")
    if fleet.models().filter(template=TEMPLATE).collect().is_empty():  # else played before
        tables = windows(data)
        _register(fleet, tables["reference"])
        _bind(fleet, tables)
    chosen = fleet.where(f"template = '{TEMPLATE}'")
    measured = {
        **_errors(fleet.evaluate(chosen, data="holdout", metrics=["mae"]), "low side"),
        **_errors(fleet.evaluate(chosen, data="current", metrics=["mae"]), "high side"),
        **_drifted(fleet.check_drift(chosen, current="holdout"), "{} drifted, low side"),
        **_drifted(fleet.check_drift(chosen), "{} drifted"),
    }
    return _compare(measured)


def _register(fleet: Fleet, reference: pl.DataFrame) -> None:
    """Train one forest per colour and split, and register all in one commit."""
    features = [{"name": name, "type": "numeric", "role": "feature"} for name in FEATURES]
    fleet.register(
        pl.DataFrame(
            {
                "model": model,
                "version": "1",
                "format": "skops",
                "artifact": _write(
                    fleet, f"{model}.skops", _forest(reference.filter(model=model), split)
                ),
                "team": "cellar",
                "owner": "cellar-on-call",
                "purpose": f"Foretell how tasters rate a {colour} wine.",
                "template": TEMPLATE,
                "tier": 3,
                "features": features,
            }
            for model, colour, split in models().rows()
        )
    )


def _forest(rows: pl.DataFrame, seed: int) -> bytes:
    """Train a random forest; return it as skops content."""
    from zipfile import ZIP_DEFLATED

    from sklearn.ensemble import RandomForestRegressor
    from skops.io import dumps

    forest = RandomForestRegressor(100, random_state=seed)
    forest.fit(rows.select(FEATURES), rows.get_column("quality").to_numpy())
    content: bytes = dumps(forest, compression=ZIP_DEFLATED)
    return content


def _bind(fleet: Fleet, tables: dict[str, pl.DataFrame]) -> None:
    """Write the windows and bind each to all models."""
    bindings = []
    for role, table in tables.items():
        content = BytesIO()
        table.write_parquet(content)
        url = _write(fleet, f"{role}.parquet", content.getvalue())
        bindings.append({"role": role, "url": url})
    fleet.bind(
        pl.DataFrame(bindings).with_columns(
            template=pl.lit(TEMPLATE), key=pl.lit("model"), truth=pl.lit("quality")
        )
    )


def _write(fleet: Fleet, name: str, content: bytes) -> str:
    """Write a file beside the fleet's tables, wherever those are."""
    url = f"{fleet.url}/{TEMPLATE}/{name}"
    filesystem, path = fsspec.core.url_to_fs(url)
    filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
    filesystem.pipe_file(path, content)
    return url


def _errors(run: Run, side: str) -> dict[str, float]:
    """Give the mean error of each colour's models."""
    rows = run.results().filter(slice="all", metric="mae")
    mean = rows.join(models(), on="model").group_by("colour").agg(pl.col("value").mean())
    return {f"{colour} MAE, {side}": value for colour, value in mean.rows()}


def _drifted(run: Run, name: str) -> dict[str, float]:
    """Give the share of each colour's models that drifted."""
    verdict = pl.col("status").eq("drift").any().cast(pl.Float64)
    judged = run.results().group_by("model").agg(verdict).join(models(), on="model")
    share = judged.group_by("colour").agg(pl.col("status").mean())
    return {name.format(colour): drifted for colour, drifted in share.rows()}


def _compare(measured: dict[str, float]) -> pl.DataFrame:
    """Lay what was measured beside what `expected.toml` expects."""
    expected = tomllib.loads(Path(__file__).with_name("expected.toml").read_text())
    figures = pl.DataFrame(
        {"figure": figure, "expected": float(value), "measured": measured.get(figure)}
        for figure, value in expected["figures"].items()
    )
    off = (pl.col("measured") - pl.col("expected")).abs()
    return figures.with_columns(
        tolerance=pl.lit(float(expected["tolerance"])),
        holds=(off <= pl.col("expected") * expected["tolerance"]).fill_null(False),
    )
