"""Estimate performance without labels: learn on rows with truth, apply to rows without it."""
