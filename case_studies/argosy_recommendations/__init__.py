"""Thousands of recommenders cloned from one prototype, retrained and ranked every night.

`ranking` says how good ranked lists are, `recommenders` fits, keeps and asks the models.
"""

from __future__ import annotations

argosy_api = ">=1.0,<2"
