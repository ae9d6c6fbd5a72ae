"""Estimate how well models do before their labels are there."""
