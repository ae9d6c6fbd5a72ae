"""Recommenders as their definitions read: slow, and hard to get wrong."""

import numpy as np


def cosine(bought, neighbours):
    """Cosine of items over customers; every column keeps its nearest. `bought`: (customers, n)."""
    counts = bought.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = bought.T @ bought / np.sqrt(np.outer(counts, counts))
    found = np.nan_to_num(found)
    np.fill_diagonal(found, 0)
    for row in found:
        row[np.argsort(-row, kind="stable")[neighbours:]] = 0
    return found.T


def ease(bought, penalty):
    """Steck, WWW 2019, algorithm 1."""
    gram = bought.T @ bought + penalty * np.eye(bought.shape[1])
    precision_matrix = np.linalg.inv(gram)
    weights = precision_matrix / -np.diag(precision_matrix)
    np.fill_diagonal(weights, 0)
    return weights
