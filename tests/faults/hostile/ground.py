"""Where attacks are tried: a fleet that strangers may write to, and what they are after.

The fleet and its data lie in `shared`; `private` is the reading user's own, and holds the canary.
A host on loopback notes who calls it, and `hits` is what planted code writes.
"""

import hashlib
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import argosy
from argosy.testing.fleets import logged_fleet

CANARY = "canary-3b1d77"
"""The secret: it stands in private files and variables, and must come out nowhere."""
GOOD = ("m0", "m1")
"""Models of the fleet that nobody attacks."""


@dataclass(frozen=True)
class Attack:
    """One attack, and what its user is told."""

    name: str
    does: object
    """What is planted: a text, or a function that plants it."""
    told: str | None = None
    """A pattern of what is said of it; None where it does no harm and nothing has to be said."""

    def __str__(self):
        return self.name


class Host:
    """A host that answers nothing, and notes who calls it."""

    def __init__(self):
        self.calls = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.1)
        self.port = self._server.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self):
        while not self._over.is_set():
            try:
                line, _ = self._server.accept()
            except TimeoutError:
                continue
            with line:
                line.settimeout(1)
                try:
                    self.calls.append(line.recv(200))
                except OSError:
                    self.calls.append(b"")

    def close(self):
        self._over.set()
        self._thread.join()
        self._server.close()


class Ground:
    """The folders of one trial."""

    def __init__(self, folder, host):
        self.folder, self.host = Path(folder), host
        self.shared = self.folder / "shared"
        logged_fleet(self.shared, models=3, rows=60)
        self.private = self.folder / "private"
        self.private.mkdir()
        self.hits = self.folder / "hits"
        rows = pl.DataFrame({CANARY: [1, 0] * 20, "label": [0, 1] * 20, "client": [CANARY] * 40})
        rows = rows.with_columns(score=0.5)
        rows.write_csv(self.private / "pay.csv")
        rows.write_parquet(self.private / "pay.parquet")
        (self.private / "token").write_text(CANARY)
        self._before = self._digest()

    @property
    def fleet(self):
        return argosy.open(str(self.shared / "fleet"), actor="tests")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.host.port}"

    def _digest(self):
        files = sorted(path for path in self.private.rglob("*") if path.is_file())
        return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

    def gained(self, said=""):
        """Return what an attacker has got, in words; `said` is what was printed."""
        gains = []
        if self.hits.exists():
            gains.append(f"code ran: {self.hits.read_text()}")
        if self.host.calls:
            gains.append(f"something was sent: {self.host.calls}")
        if self._digest() != self._before:
            gains.append("private files were changed")
        if CANARY in said:
            gains.append(f"the secret was printed: {said[:2000]}")
        kept = (self.shared / "fleet").rglob("*")
        files = (path for path in kept if path.is_file() and not path.is_symlink())
        leaks = (path.name for path in files if CANARY.encode() in path.read_bytes())
        return gains + [f"the secret is in {name}" for name in leaks]


def stand(run, models=GOOD):
    """Return the rows of a run's good models, whoever stands beside them."""
    rows = run.results().filter(pl.col("model").is_in(models), status="ok", metric="auc")
    return rows.sort("model").select("model", "value", "n").rows()
