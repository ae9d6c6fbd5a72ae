"""The processor time and the memory of this process and of all that it has started."""

import os
import resource
import threading
from collections.abc import Iterable
from pathlib import Path


def living() -> dict[int, float]:
    """Return the processor seconds of this process and of its living descendants, by their ids.

    What a process has waited for counts as its own.
    """
    known: dict[int, tuple[int, int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                after = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            known[int(folder.name)] = (int(after[1]), sum(map(int, after[11:15])))
    found, new = {os.getpid()}, {os.getpid()}
    while new:
        new = {pid for pid, (parent, _) in known.items() if parent in new} - found
        found |= new
    return {pid: known[pid][1] / os.sysconf("SC_CLK_TCK") for pid in found if pid in known}


def of_others() -> float:
    """Return the processor seconds of the descendants that are alive."""
    return sum(spent for pid, spent in living().items() if pid != os.getpid())


def own() -> float:
    """Return the processor seconds of this process, its threads, and the children that ended."""
    sides = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(side.ru_utime + side.ru_stime for side in sides)


def peak() -> float:
    """Return the most memory that this process had, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def held(pids: Iterable[int]) -> float:
    """Return the memory of processes in GiB; what several share counts once."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 2**20


class Watch(threading.Thread):
    """Follows what the processes use of cores and memory."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.cpu: dict[int, float] = {}
        self.most, self.ending = 0.0, threading.Event()

    def run(self) -> None:
        """Look every two seconds."""
        while not self.ending.wait(2):
            self.look()

    def look(self) -> float:
        """Return the processor seconds so far."""
        seen = living()
        self.cpu |= {pid: max(spent, self.cpu.get(pid, 0.0)) for pid, spent in seen.items()}
        self.most = max(self.most, held(seen))
        return sum(self.cpu.values())
