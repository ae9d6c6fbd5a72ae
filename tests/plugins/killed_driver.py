"""A driver to be killed, or one that carries on what others left.

It is run as a program, `killed_driver.py URL EXECUTOR`, and says when it has joined its cluster.
At each line `check` on its input it checks the fleet for drift, in chunks of one model, and at
each other line it resumes the run that is named there; it answers with the run.
"""

import sys

import argosy
from argosy.jobs import chunking
from argosy.plugins import installed


def main(url, executor):
    chunking._size = lambda *_: 1
    fleet = argosy.open(url, actor="a driver")
    join = installed().executors[executor].cores
    if join:
        join()
    print("ready", flush=True)
    for line in sys.stdin:
        asked = line.strip()
        if asked == "check":
            run = fleet.check_drift(detectors=["chi_squared", "ks", "noted"], executor=executor)
        else:
            run = fleet.resume(asked)
        print(run.id, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
