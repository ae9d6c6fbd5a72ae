"""Bandits over thousands of models at once.

`thompson` shares traffic among arms, and `replay` tries it on a log.
"""
