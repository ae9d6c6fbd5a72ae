"""Claim: a million events and ten million fact rows are verified within 1 GB.

The events are tags set on tables of 100,000 models, the facts what several drift checks of the
same fleet found, a row per model and column. `fleet.verify` runs in a process of its own, so that
its memory is its own.
"""

import tempfile

from _measure import apart, asked, options
from _registrations import SEED

BAR = 1_000
"""Of memory, in MB."""


def main() -> None:
    parser = options(__doc__, models=(100_000, 500), tables=(8, 2), checks=(5, 1))
    given = asked(parser, compares=False)
    models = given.models
    print(f"{models:,} models, seed {SEED}; elapsed seconds of single runs")
    with tempfile.TemporaryDirectory(prefix="argosy-verification-") as folder:
        url = f"{folder}/fleet"
        made = apart("_verification_steps.py", "tagged", url, str(models), str(given.tables))
        print(f"{made['events']:,} events in {made['changes']} changes: {made['seconds']:.1f} s")
        drift = apart("_verification_steps.py", "drift", url, str(models), str(given.checks))
        print(f"{drift['rows']:,} drift results: {drift['seconds']:.1f} s")
        found = apart("_verification_steps.py", "verify", url, str(models))
    holds = "holds" if found["peak_mb"] <= BAR else "DOES NOT HOLD"
    print(
        f"verify: {found['seconds']:.1f} s elapsed, {found['cpu']:.1f} s of processors,"
        f" {found['peak_mb']:,.0f} MB (bar {BAR:,} MB: {holds}), of which"
        f" {found['before_mb']:,.0f} MB before it"
    )


if __name__ == "__main__":
    main()
