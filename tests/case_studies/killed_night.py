"""Play one night, and die in the middle of it: argv is the folder, clients, seed, night, share.

The share is of the night's steps, each as far as its progress says; at it the process ends at
once, as if it had been killed. A share of 1 or more lets the night end.
"""

import os
import sys
from contextlib import contextmanager

import argosy
from argosy_recommendations.generator.feeds import Night
from argosy_recommendations.generator.market import Market
from argosy_recommendations.night.cycle import STEPS, NightlyCycle

KILLED = 9


def play(folder, clients, seed, number, share):
    begun = []

    @contextmanager
    def begin(title):
        begun.append(title)

        def done(models, total):
            if (len(begun) - 1 + models / max(total, 1)) / len(STEPS) >= share:
                os._exit(KILLED)

        done(0, 1)
        yield done
        if share < 1:
            done(1, 1)

    night = Night(Market(clients, seed), number)
    NightlyCycle(argosy.open(folder, actor="recommendations"), night, begin).play()


if __name__ == "__main__":
    play(sys.argv[1], *map(int, sys.argv[2:5]), float(sys.argv[5]))
