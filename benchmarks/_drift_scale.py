"""Check a fleet that lies in a folder, twice, in a process of its own: what it takes, and memory.

_drift_scale.py FLEET     prints {"first": seconds, "later": seconds, "cpu": ..., "peak": GiB}
"""

import json
import resource
import sys
import time

import argosy


def main(url: str) -> None:
    fleet = argosy.open(url)
    spent = []
    for _ in range(2):
        started, used = time.perf_counter(), time.process_time()
        fleet.check_drift()
        spent.append((time.perf_counter() - started, time.process_time() - used))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    told = {"first": spent[0][0], "later": spent[1][0], "cpu": spent[1][1], "peak": peak}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
