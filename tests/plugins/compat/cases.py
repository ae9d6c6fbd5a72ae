"""Seeded columns, the same in every environment, for the libraries and for our detectors.

Only the standard library draws them, and values are rounded, so that neither NumPy's version nor
the machine's mathematical library changes a digit.
"""

import random

INFINITY = float("inf")


def numeric():
    """Pairs of lists by name; None is a missing value, an int makes a column of integers."""
    rng = random.Random(20)

    def normal(size, mean=0.0, deviation=1.0):
        return [round(rng.gauss(mean, deviation), 6) for _ in range(size)]

    def skewed(size, shift=0.0):
        return [round(rng.lognormvariate(shift, 0.9), 6) for _ in range(size)]

    def whole(size, low, high):
        return [rng.randint(low, high) for _ in range(size)]

    def gappy(values, every):
        return [None if place % every == 0 else value for place, value in enumerate(values)]

    three = whole(300, 0, 2), [2] * 150 + [0] * 30
    grid = [float(place) for place in range(64)]
    return {
        "normal, clean": (normal(1000), normal(900)),
        "normal, shifted": (normal(1000), normal(1000, 0.5, 1.3)),
        "normal, apart": (normal(300), normal(200, 50.0)),
        "normal, tiny": (normal(7), normal(5)),
        "normal, small against large": (normal(40), normal(3000)),
        "skewed, clean": (skewed(500), skewed(400)),
        "skewed, shifted": (skewed(500), skewed(400, 0.4)),
        "large numbers": (normal(200, 1e9, 1e3), normal(200, 1e9 + 200, 1e3)),
        "small numbers": (
            [value * 1e-9 for value in normal(200)],
            [value * 1e-9 for value in normal(200, 0.3)],
        ),
        "reference inside": (normal(400, 0, 0.2), normal(400, 0, 3)),
        "identical": (normal(250), None),
        "identical grid": (grid * 3, None),
        "nulls": (gappy(normal(400), 7), gappy(normal(300, 0.2), 3)),
        "nulls on one side": (normal(300), gappy(normal(300, 0.2), 2)),
        "infinities in current": (normal(300), [*normal(298), INFINITY, -INFINITY]),
        "infinities in reference": ([*normal(298), INFINITY, -INFINITY], normal(300)),
        "nothing but infinities": ([INFINITY] * 20, [INFINITY] * 20),
        "integers, wide": (whole(600, 0, 500), whole(500, 20, 560)),
        "integers, 25 values": (whole(600, 0, 24), whole(500, 1, 25)),
        "integers, 20 values": (whole(600, 1, 20), whole(500, 1, 20)),
        "integers, unseen values": (whole(600, 1, 10), whole(500, 3, 40)),
        "integers, two": (whole(300, 0, 1), [1] * 150 + [0] * 30),
        "integers, three": three,
        "whole floats, three": tuple([float(value) for value in side] for side in three),
        "integers, two apart": ([3, 9] * 50, [3] * 60 + [9] * 25),
        "integers with nulls": (gappy(whole(300, 0, 2), 10), [2] * 150 + [0] * 30),
        "fractions, two": ([0.5, 1.5] * 80, [0.5] * 20 + [1.5] * 90),
        "fractions, few": (
            [rng.choice([0.1, 0.2, 0.35, 0.9]) for _ in range(300)],
            [rng.choice([0.1, 0.2, 0.35, 0.7]) for _ in range(200)],
        ),
        "constant, same": ([2.5] * 30, [2.5] * 20),
        "constant, other": ([2.5] * 30, [3.75] * 20),
        "constant integers": ([2] * 30, [2] * 20),
        "constant, hard to average": ([0.1] * 30, [0.1] * 29 + [0.1004]),
        "constant reference": ([2.5] * 100, normal(100, 2.5)),
        "constant current": (normal(100), [0.0] * 50),
        "mostly one value": ([0.0] * 950 + normal(50), [0.0] * 900 + normal(100)),
        "one row each": ([1.5], [1.5]),
        "one row each, apart": ([1.5], [4.0]),
        "two rows": ([1.0, 2.5], [1.0, 3.5]),
        "no reference values": ([None] * 20, normal(20)),
        "no current values": (normal(20), [None] * 20),
        "many, clean": (normal(10_000), normal(2000)),
        "many, shifted": (normal(10_500, 1.0), normal(1500, 1.4, 1.2)),
        "many, apart": (normal(10_000), normal(500, 30)),
        "many, inside": (normal(10_000, 0, 5), normal(500)),
        "many, skewed": (skewed(12_000), skewed(11_000, 0.1)),
        "many integers": (whole(10_000, 0, 90), whole(3000, 0, 99)),
        "many, constant": ([1.5] * 10_000, [1.5] * 10 + [1.25] * 5 + [2.0] * 7),
        "many, infinities in current": (normal(10_000), [*normal(298), INFINITY, -INFINITY]),
        "9,999": (normal(9999), normal(1000, 0.1)),
    }


def categorical():
    """Pairs of dictionaries by name: how many rows each category has; None counts missing ones."""
    rng = random.Random(21)

    def drawn(size, shares):
        names = [f"level {place:03}" for place in range(len(shares))]
        found = dict.fromkeys(names, 0)
        for name in rng.choices(names, shares, k=size):
            found[name] += 1
        return {name: count for name, count in found.items() if count}

    ten, rare = [1] * 10, [90, 5, 4, 0.9, 0.1]
    return {
        "ten equal, clean": (drawn(1000, ten), drawn(900, ten)),
        "ten equal, shifted": (drawn(1000, ten), drawn(900, range(1, 11))),
        "rare, clean": (drawn(1000, rare), drawn(1000, rare)),
        "rare, few rows": (drawn(60, rare), drawn(40, rare)),
        "many, sparse": (drawn(200, [1] * 150), drawn(150, [1] * 150)),
        "very rare in reference": ({"a": 29_999, "b": 1}, {"a": 900, "b": 40, "c": 60}),
        "very rare in current": ({"a": 500, "b": 10, "c": 5}, {"a": 29_999, "b": 1}),
        "two": ({"no": 300, "yes": 700}, {"no": 400, "yes": 600}),
        "two, nearly equal": ({"no": 300, "yes": 700}, {"no": 151, "yes": 349}),
        "one": ({"a": 30}, {"a": 20}),
        "one, rounded": ({"a": 103}, {"a": 1}),
        "one, other": ({"a": 30}, {"b": 20}),
        "one and an unseen one": ({"a": 30}, {"a": 15, "b": 5}),
        "one row each": ({"a": 1}, {"a": 1}),
        "unseen": ({"a": 90, "b": 10}, {"a": 80, "b": 10, "c": 10}),
        "vanished": ({"a": 90, "b": 10}, {"a": 70}),
        "vanished and unseen": ({"a": 90, "b": 10}, {"a": 90, "c": 10}),
        "nothing shared": ({"a": 60, "b": 40}, {"c": 30, "d": 20}),
        "identical": ({"a": 50, "b": 30, "c": 20}, {"a": 50, "b": 30, "c": 20}),
        "identical shares": ({"a": 7, "b": 2, "c": 1}, {"a": 700, "b": 200, "c": 100}),
        "identical sevenths": ({"a": 1, "b": 2, "c": 4}, {"a": 10, "b": 20, "c": 40}),
        "nulls": ({"a": 60, "b": 30, None: 40}, {"a": 40, "b": 50, None: 5}),
        "no reference values": ({None: 20}, {"a": 20}),
        "no current values": ({"a": 20}, {None: 20}),
        "any script": ({"Zürich": 50, "Łódź": 30, "東京": 20}, {"Zürich": 40, "東京": 35, "z": 9}),
    }


def cases():
    """Every case by name, as (kind, reference, current)."""
    found = {f"numeric: {name}": ("numeric", *pair) for name, pair in numeric().items()}
    found |= {
        f"categorical: {name}": ("categorical", *pair) for name, pair in categorical().items()
    }
    return {
        name: (kind, before, before if after is None else after)
        for name, (kind, before, after) in found.items()
    }
