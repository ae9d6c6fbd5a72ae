"""Evaluate models on data with ground truth: score rows, then measure all models at once."""
