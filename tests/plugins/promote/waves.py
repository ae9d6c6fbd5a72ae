"""A fleet to be promoted in waves, and checks that speak against going on."""

import polars as pl

import argosy
from argosy.tables import FINDINGS

MODELS = 40
STEPS = (0.1, 0.5, 1.0)


def fleet_of(folder, models):
    """Return a fleet whose champions are the first of two versions; the last model has none."""
    fleet = argosy.open(str(folder / "waves"), create=True, actor="tests")
    names = [f"m{number:04d}" for number in range(models)]
    for version in ("1", "2"):
        fleet.register({"model": names, "version": [version] * models})
    fleet.set_alias({"model": names[:-1], "version": ["1"] * (models - 1)}, "champion")
    return fleet


def champions(fleet):
    return dict(
        fleet.aliases().filter(alias="champion").select("model", "version").collect().rows()
    )


def counted(outcomes):
    return dict(outcomes["outcome"].value_counts().rows())


def none_ill(fleet, moved):
    return FINDINGS.empty_table()


def ill(step, many=1):
    """Return a check that finds models of a step."""

    def look(fleet, moved):
        found = pl.DataFrame(moved).filter(step=step).sort("model").head(many)
        return found.select("model", reason=pl.lit("it smells")).to_arrow()

    return look
