"""Forecasts that add up: the job `reconcile`.

Reading order: `request` (what is asked), `job` (which forecasts, and what is written of them),
`arrays` (forecasts and earlier errors, node by node), `coherent` (the forecasts that add up).
"""
