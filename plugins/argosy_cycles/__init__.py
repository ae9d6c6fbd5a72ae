"""Several steps as one piece of work, such as a night, which can be stopped and carried on.

A library: it offers nothing to argosy, and plugins and case studies import `argosy_cycles.cycle`.
"""
