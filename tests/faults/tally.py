"""What a fault did: how often it was played, and what became of what was acknowledged."""

import re
from collections import Counter
from dataclasses import asdict, dataclass, field

COLUMNS = ("fault", "how often", "acknowledged", "lost", "doubled", "altered unseen", "seconds")


@dataclass
class Tally:
    """The row of one fault."""

    fault: str
    """As `reliability` numbers it, and what it is."""
    unit: str
    """What `played` counts."""
    played: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    altered: int = 0
    seconds: list[float] = field(default_factory=list)
    """From opening the fleet again, in a process of its own, to the first answer and change."""
    wrong: list[str] = field(default_factory=list)
    """Whatever else must not be, in words."""

    def add(self, found, played=0):
        """Add what `checks.check` found; what the fleet says is broken is wrong."""
        self.played += played
        self.acknowledged += found["acknowledged"]
        self.lost += len(found["lost"])
        self.doubled += len(found["doubled"])
        self.altered += len(found["altered"])
        self.wrong += [str(found["broken"])] if found["broken"] else []
        self.wrong += [
            f"{name}: {found[name][:4]}" for name in ("lost", "doubled", "altered") if found[name]
        ]
        self.seconds += [found["seconds"]] if found["seconds"] is not None else []

    def models(self, told, played):
        """Add what a run said of its models: each is done or has failed, once."""
        self.played += played
        self.acknowledged += told["ok"] + told["failed"]
        self.lost += told["ok"] + told["failed"] - told["rows"]
        self.doubled += not told["once"]

    def holds(self):
        """Raise unless nothing was lost, doubled or altered, and nothing else was wrong."""
        harm = (self.lost, self.doubled, self.altered, len(self.wrong))
        assert harm == (0, 0, 0, 0), "\n".join(self.wrong[:8])
        assert self.played

    def told(self):
        """Return it as what a test's report can carry."""
        return asdict(self)


def table(rows):
    """Return the table of all faults as lines of Markdown, those of one name together."""
    merged = {}
    for row in rows:
        one = merged.setdefault(row["fault"], Tally(row["fault"], row["unit"]))
        for name in ("played", "acknowledged", "lost", "doubled", "altered", "seconds"):
            setattr(one, name, getattr(one, name) + row[name])
    lines = [f"| {' | '.join(COLUMNS)} |", "|---|---|---|---|---|---|---|"]
    for name in sorted(merged, key=_order):
        one = merged[name]
        spent = sorted(one.seconds)
        seconds = f"{spent[len(spent) // 2]:.1f}, at most {spent[-1]:.1f}" if spent else "–"
        counts = [f"{n:,}" for n in (one.acknowledged, one.lost, one.doubled, one.altered)]
        cells = [name, f"{one.played:,} {one.unit}", *counts, seconds]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def misdeeds(rows):
    """Return the table of misdeeds, each in a line for each executor."""
    lines = ["| of | that | on | told by name | others went on | fleet whole | seconds |"]
    lines.append("|---|---|---|---|---|---|---|")
    for row in rows:
        signs = ["yes" if row[name] else "**no**" for name in ("told", "went_on", "whole")]
        cells = [row["place"], row["way"], row["executor"], *signs, f"{row['seconds']:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def attacks(tried):
    """Return a line for each kind of attacks: how many were tried, and which came to nothing."""
    counts = Counter(tried)
    kinds = dict.fromkeys(kind for kind, _ in tried)
    return [
        f"hostile {kind}: {sum(counts[kind, end] for end in ('passed', 'failed'))} tried,"
        f" {counts[kind, 'passed']} came to nothing"
        for kind in kinds
    ]


def _order(name):
    number = re.match(r"[A-Z](\d+)", name)
    return name[0] != "F", int(number[1]) if number else 0, name
