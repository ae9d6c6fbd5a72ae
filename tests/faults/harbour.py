"""Make a fleet in which the plugin `misdoer` has a part: `python harbour.py FOLDER`."""

import sys
from pathlib import Path

import polars as pl

from argosy.testing.fleets import logged_fleet

NAME = "misdoer"


def made(folder):
    """Six models that have nothing to do with it, three that do, and two templates to train."""
    fleet = logged_fleet(folder, models=6, rows=200, drifting={"m2"})
    fleet.add_root(str(folder), reason="copies of the fleet read the same data")
    rows = pl.DataFrame({"x": range(40), "y": [0.5] * 40, "seen": [0.5] * 40})
    table, log, artifact = (str(folder / name) for name in ("rows.csv", "log.misdoer", "half.json"))
    rows.write_csv(table)
    rows.write_csv(log)
    Path(artifact).write_text("{}")
    kept = {"version": "1", "task": "regression", "features": ["x"]}
    loaded = [{"model": name, "format": NAME, "artifact": artifact} for name in ("x0", "x1")]
    fleet.register([kept | model for model in (*loaded, {"model": "s0", "format": "external"})])
    held = {"role": "holdout", "truth": "y"}
    fleet.bind([held | {"model": model["model"], "url": table} for model in loaded])
    fleet.bind([held | {"model": "s0", "url": log, "prediction": "seen"}])
    plain = {"estimator": "LinearRegression"}
    for template, trainer, params in (("odd", NAME, {}), ("sober", "sklearn", plain)):
        prototype = {"template": template, "trainer": trainer, "params": params, "owner": "ada"}
        fleet.define([prototype | {"task": "regression", "features": ["x"]}])
        fleet.instantiate(template, {"model": [f"{template}1", f"{template}2"]})
        fleet.bind([{"template": template, "role": "training", "url": table, "truth": "y"}])


if __name__ == "__main__":
    made(Path(sys.argv[1]))
