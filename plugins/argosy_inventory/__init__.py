"""Bring models in from other systems' lists, and take the fleet's tables out."""
