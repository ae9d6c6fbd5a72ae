"""Changes of one row each, by one process or by many: steps as in `_registry_steps`."""

import json
import subprocess
import sys
import time

from _registrations import opened, registrations
from _registry_steps import Measured, report, timed

import argosy


def made(url: str, models: int) -> Measured:
    """Register the models."""
    fleet = opened(url)
    return {"seconds": timed(lambda: fleet.register(registrations(models)))}


def alone(url: str, models: int, many: str) -> Measured:
    """Make changes of one row on a fleet that is open: given as tables and chosen by `where`."""
    fleet = argosy.open(url, actor="bench")
    names = fleet.models().select("model").collect()["model"].head(int(many)).to_list()
    fleet.tag([{"model": names[0], "tags": {"first": "1"}}])  # the state is read before the clock
    given, chosen = [], []
    for name in names:
        row = [{"model": name, "version": "1"}]
        given.append(timed(lambda row=row: fleet.set_alias(row, "given")))
        where = f"model = '{name}'"
        chosen.append(timed(lambda where=where: fleet.set_alias(fleet.where(where), "chosen")))
    return {"given": given, "chosen": chosen}


def writer(url: str, number: int, many: str) -> Measured:
    """Wait for the start, then change the tags of one model again and again."""
    fleet = argosy.open(url, actor=f"writer-{number}")
    name = fleet.models().select("model").collect()["model"][number]
    print("ready", flush=True)
    sys.stdin.readline()
    waits = []
    for turn in range(int(many)):
        row = [{"model": name, "tags": {f"turn-{turn}": "1"}}]
        waits.append(timed(lambda row=row: fleet.tag(row)))
    return {"waits": waits}


def together(url: str, models: int, writers: str, many: str) -> Measured:
    """Let processes make changes at the same time; count what was kept."""
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, "writer", url, str(number), many],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(int(writers))
    ]
    for process in processes:
        process.stdout.readline()
    started = time.perf_counter()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate()[0] for process in processes]
    seconds = time.perf_counter() - started
    assert all(process.returncode == 0 for process in processes)
    waits = [json.loads(text.splitlines()[-1])["waits"] for text in told]
    tags = argosy.open(url).models().select("tags").collect()["tags"].to_list()
    kept = sum(key.startswith("turn-") for row in tags for key in row or {})
    return {"seconds": seconds, "waits": waits, "lost": int(writers) * int(many) - kept}


if __name__ == "__main__":
    report(globals())
