"""What causes of triage have in common: what fails still, and what was not looked at in time.

A library: it offers nothing to argosy, and plugins import it. `failures` finds what failed and was
followed by no success, `cadence` the models whose last look is older than their schedule allows.
"""
