"""Forecasts from one origin: the job `forecast`.

Reading order: `request` (what is asked), `job` (which versions), `work` (a chunk: what was known at
the origin, what each model says of the times ahead), `fallback` (what stands where one cannot).
"""
