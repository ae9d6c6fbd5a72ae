"""Metrics of ranked lists as their definitions read: slow, and hard to get wrong."""

from math import log2


def recall(ranked, relevant, k):
    return len(set(ranked[:k]) & set(relevant)) / min(k, len(set(relevant)))


def precision(ranked, relevant, k):
    return len(set(ranked[:k]) & set(relevant)) / k


def ndcg(ranked, relevant, k):
    gains = [1 / log2(place + 2) for place in range(k)]
    found = sum(gain for gain, item in zip(gains, ranked, strict=False) if item in relevant)
    return found / sum(gains[: len(set(relevant))])


def average_precision(ranked, relevant, k):
    total = 0.0
    for place, item in enumerate(ranked[:k]):
        if item in relevant:
            total += precision(ranked, relevant, place + 1)
    return total / min(k, len(set(relevant)))


def hit_rate(ranked, relevant, k):
    return float(bool(set(ranked[:k]) & set(relevant)))


def reciprocal_rank(ranked, relevant, k):
    for place, item in enumerate(ranked[:k]):
        if item in relevant:
            return 1 / (place + 1)
    return 0.0


METRICS = {
    "recall": recall,
    "precision": precision,
    "ndcg": ndcg,
    "map": average_precision,
    "hit_rate": hit_rate,
    "mrr": reciprocal_rank,
}
