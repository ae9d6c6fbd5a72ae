"""Predictions beside truth, logged or asked of the models, and what metrics say of them."""
