"""The options of the core itself, declared as a plugin declares its own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from argosy.types import Reach

Severity = Literal["info", "warning", "critical"]
_CHOOSES = Reach("chooses whose code runs")


class DriftRule(BaseModel):
    """What some models are held to when their drift is judged; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    where: str | None = Field(None, description="SQL over the fleet; defaults to every model.")
    level: float | None = Field(
        None, gt=0, lt=1, description="Tolerated share of false models among the flagged (0.05)."
    )
    floors: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict, description="The least effect that alerts, by detector."
    )
    min_rows: int | None = Field(
        None, ge=1, description="With fewer rows on a side there is no verdict (20)."
    )
    agree: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = Field(
        None, description="Alert when k of the last m windows do, as [k, m] ([1, 1])."
    )

    @model_validator(mode="after")
    def _agreeable(self) -> DriftRule:
        if self.agree and self.agree[0] > self.agree[1]:
            raise ValueError("agree is [k, m] with k not above m")
        return self


class CoreOptions(BaseModel):
    """How argosy treats what plugins offer."""

    time_limit: float = Field(
        600.0,
        gt=0,
        description="Seconds that one call of a plugin may take before it is given up; first"
        " imports, and waiting for a busy machine, do not count.",
    )
    import_time_limit: float = Field(
        20.0,
        gt=0,
        description="Seconds that the import of a plugin, or one of its hooks, may take when it is"
        " first tried, before the plugin is left out.",
    )
    sinks: Annotated[list[str], Reach("sends data out")] = Field(
        default_factory=list, description="Where notices go: the names of sinks."
    )
    drift: list[DriftRule] = Field(
        default_factory=list,
        description="What models are held to: where, level, floors, min_rows, agree.",
    )
    most_failures: float = Field(
        0.2, ge=0, le=1, description="A run stops if a larger share of its first models fails."
    )
    concept: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] = Field(
        (3, 3),
        description="Concept drift is told when realised lies beyond estimated performance in k of"
        " the last m windows or evaluations, as [k, m].",
    )
    largest_table: int = Field(
        2**29,
        ge=1,
        description="The most bytes of a file that holds a change, such as one to register or"
        " bind; unpacked, if it is compressed.",
    )
    query_seconds: float = Field(
        120.0, gt=0, description="Seconds that a query in SQL may take before it is ended."
    )
    query_memory: float | None = Field(
        None,
        gt=0,
        description="GiB of memory that a query in SQL may take; by default a quarter of all.",
    )
    largest_read: int = Field(
        2**31, gt=0, description="Bytes of a file that is read in one go, such as an artifact."
    )
    largest_file: int = Field(
        2**38,
        gt=0,
        description="Bytes of one file of bound data; a sparse one counts in full.",
    )
    read_time: float = Field(
        120.0,
        gt=0,
        description="Seconds that reading an artifact, or the columns of data elsewhere, may take.",
    )
    severity: Severity = Field("warning", description="The least severity that is sent to sinks.")

    @model_validator(mode="after")
    def _sensible(self) -> CoreOptions:
        if self.concept[0] > self.concept[1]:
            raise ValueError("concept is [k, m] with k not above m")
        return self


class PluginOptions(BaseModel):
    """What the user chose among plugins; offers are addressed by kind and name."""

    disable: list[str] = Field(
        default_factory=list,
        description="Plugins and single offers that are left out: acme, detectors.psi.",
    )
    prefer: Annotated[list[str], _CHOOSES] = Field(
        default_factory=list,
        description="Whose offer counts where several have one name: detectors.psi=acme, or acme"
        " for all of its own; of which distribution a plugin is: acme=argosy-acme.",
    )
    defaults: Annotated[list[str], _CHOOSES] = Field(
        default_factory=list,
        description="What takes part where nobody names any: detectors.psi, metrics.auc; + before"
        " one adds it to the usual ones, which are argosy's own.",
    )
