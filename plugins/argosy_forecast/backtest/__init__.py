"""Forecasts of the past, each from what was known at its origin: the job `backtest`.

Reading order: `request` (what is asked), `origins` (from when), `work` (a chunk: what each model
would have said, beside what came true and what the season before says), `job`.
"""
