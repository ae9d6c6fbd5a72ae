"""A writer to be killed: it does random verbs to pairs of models and acknowledges each.

Every verb touches both models of a pair, so that half a change shows. It is run as a program,
`busy_writer.py URL SEED`, starts at the first line on its input, and answers each verb with a
line of JSON once the verb has returned.
"""

import json
import random
import sys

import argosy
from argosy.plugins import installed

VERBS = (
    *("register", "register", "set_alias", "tag", "tag", "bind", "retire", "delete"),
    *("restore", "rollback", "evaluate", "maintain"),
)


def main(url, seed):
    chance = random.Random(seed)
    installed().metrics["auc"]  # what is imported late is imported now
    print("ready", flush=True)
    sys.stdin.readline()
    fleet = argosy.open(url, actor=f"writer {seed}")
    for turn in range(10_000):
        verb, reason = chance.choice(VERBS), f"{seed}/{turn}"
        before = newest(fleet)
        done = act(fleet, chance, verb, reason)
        after = newest(fleet)
        told = {"verb": verb, "reason": reason, "run_id": done if verb == "evaluate" else None}
        print(json.dumps({**told, "seq": after if after > before else None}), flush=True)


def act(fleet, chance, verb, reason):
    """Do one verb to one pair; return a run's identity."""
    if verb == "evaluate":
        return fleet.evaluate("team IN ('web', 'risk')").id
    if verb == "maintain":
        return fleet.maintain(keep_hours=chance.choice((0, 168)))
    if verb == "rollback":
        last = fleet.events().select("seq", "op").tail(1).collect()
        if last["op"].item() in {"tag", "retire", "set_alias", "restore"}:
            fleet.rollback(last["seq"].item(), reason=reason)
        return None
    if verb == "restore":
        gone = deleted(fleet)
        pair = chance.choice(gone) if gone else None
        return fleet.restore(pair, reason=reason) if pair else None
    models = fleet.models().collect()
    known = sorted(name[:-1] for name in models["model"] if name.endswith("a"))
    if verb == "register" or not known:
        return fleet.register({**both(reason), "version": ["1", "1"]}, reason=reason)
    pair = both(chance.choice(known))
    if verb == "set_alias":
        return fleet.set_alias({**pair, "version": ["1", "1"]}, "champion", reason=reason)
    if verb == "tag":
        return fleet.tag(pair, {"turn": reason}, reason=reason)
    if verb == "bind":
        url = f"{fleet.url}.nowhere/{reason}.parquet"  # beside the fleet, so within its roots
        table = {**pair, "role": ["current"] * 2, "url": [url] * 2}
        return fleet.bind(table, check=False, reason=reason)
    return getattr(fleet, verb)(pair, reason=reason)


def both(stem):
    stem = stem.replace("/", "-")
    return {"model": [f"{stem}a", f"{stem}b"]}


def deleted(fleet):
    """Return the pairs whose last change deleted them."""
    models = fleet.events().filter(kind="model").collect()
    last = models.unique("model", keep="last", maintain_order=True).filter("deleted")
    return [both(name[:-1]) for name in last["model"] if name.endswith("a")]


def newest(fleet):
    return fleet.ledger.state().seq


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
