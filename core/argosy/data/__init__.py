"""Rows that models are bound to: found, read once for all who share them, cut and grouped."""
