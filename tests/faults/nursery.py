"""Processes that begin in a moment: forked from one that has imported all and run nothing.

A thousand kills need a thousand processes, and importing takes a second of a core. Run as a
program it reads a line of JSON per process, forks, and says the process's number; a process plays
one function of `players.py` or `checks.py` and writes what it answers to a file.
"""

import ctypes
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import traceback
import uuid
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 120
"""Seconds that a process may take on a busy machine before it counts as hung."""


class Died(Exception):
    """A process ended without an answer, and nobody had killed it."""


class Process:
    """One that plays a function."""

    def __init__(self, pid, answer):
        self.pid = pid
        self._answer = answer
        self._handle = os.pidfd_open(pid)

    def running(self):
        return not select.select([self._handle], [], [], 0)[0]

    def kill(self):
        """Kill it -9, and see it gone."""
        with suppress(ProcessLookupError):  # it has ended by itself
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        assert self._gone(PATIENCE)

    def wait(self, patience=PATIENCE):
        """Return what it answered.

        Raises:
            Died: if it did not live to answer, or hangs.
            RuntimeError: if it raised, with its traceback.
        """
        told = self.outcome(patience)
        if told is None:
            raise Died(f"process {self.pid} died, or hung for {patience} s")
        if "raised" in told:
            raise RuntimeError(told["raised"])
        return told["answer"]

    def outcome(self, patience=PATIENCE):
        """Return `answer` or `raised`, or None where it died first; end one that hangs."""
        if not self._gone(patience):
            self.kill()
        return json.loads(self._answer.read_text()) if self._answer.exists() else None

    def _gone(self, patience):
        return bool(select.select([self._handle], [], [], patience)[0])

    def close(self):
        """Leave nothing behind."""
        if self._handle is not None:
            if self.running():
                self.kill()
            os.close(self._handle)
            self._handle = None


class Nursery:
    """Where processes begin."""

    def __init__(self, folder, preloaded=None):
        self.folder = folder
        self._processes = []
        environment = {**os.environ, "NUMBA_NUM_THREADS": "1"}
        if preloaded:
            environment["LD_PRELOAD"] = str(preloaded)
        self._program = subprocess.Popen(
            [sys.executable, str(HERE / "nursery.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self._program.stdout.readline() == "ready\n"

    def start(self, function, *, platter=None, **arguments):
        """Let a process play a function.

        Args:
            function: of `players.py` or `checks.py`, by name.
            platter: what is done to it below, as `arm` has it.
            arguments: of the function; what JSON can say.
        """
        answer = self.folder / f"{uuid.uuid4().hex}.json"
        told = {"function": function, "arguments": arguments, "platter": platter}
        self._program.stdin.write(json.dumps({**told, "answer": str(answer)}) + "\n")
        self._program.stdin.flush()
        process = Process(int(self._program.stdout.readline()), answer)
        self._processes.append(process)
        return process

    def ask(self, function, **arguments):
        """Let a process play a function, and return what it answered."""
        process = self.start(function, **arguments)
        try:
            return process.wait()
        finally:
            process.close()

    def clear(self):
        """End every process that is still there."""
        for process in self._processes:
            process.close()
        self._processes = []

    def close(self):
        self.clear()
        with self._program:
            self._program.stdin.close()


def shim():
    """Return the functions of `platter.c` in this process."""
    library = ctypes.CDLL(None)
    library.platter_clock.argtypes = [ctypes.c_double]
    library.platter_count.restype = ctypes.c_long
    return library


def arm(watch, notes="", at=0, error=0, for_good=False, kills=False, clock=0.0, sync="on"):
    """Tell the shim what to do to this process, and argosy whether to sync."""
    os.environ["ARGOSY_SYNC"] = sync
    library = shim()
    library.platter_watch(str(watch).encode(), str(notes).encode())
    library.platter_clock(float(clock))
    library.platter_break(int(at), int(error), int(for_good), int(kills))


def _play(told):
    import checks
    import players

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    answer = Path(told["answer"])
    unfinished = answer.with_suffix(".part")
    try:
        function = getattr(players, told["function"], None) or getattr(checks, told["function"])
        if told["platter"]:
            arm(**told["platter"])
        said = {"answer": function(**told["arguments"])}
    except BaseException:
        said = {"raised": traceback.format_exc()}
    unfinished.write_text(json.dumps(said))
    unfinished.rename(answer)
    os._exit(0)


NEEDED = (
    *("checks", "players", "argosy.plugins.core_options", "argosy.tables", "argosy.types"),
    *("deltalake", "fsspec.implementations.local", "loky", "numba", "pandas", "pyarrow.dataset"),
    *("pyarrow.parquet", "rich.console", "scipy.stats", "tarfile"),
)
"""What is imported for all; no part of argosy that asks polars for anything, because a process
that is forked from one with threads at work hangs."""


def main():
    sys.path.insert(0, str(HERE))
    from argosy.plugins import installed

    for name in NEEDED:
        importlib.import_module(name)
    installed()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        told = json.loads(line)
        pid = os.fork()
        if not pid:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 0)
            os.dup2(null, 1)
            _play(told)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
