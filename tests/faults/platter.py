"""What is on the platter: the folder as a power cut may leave it, told from the shim's log.

The model is POSIX's, which is harsher than one file system's: what a file holds is there once the
file was synced, a name (made, linked, renamed, removed) once its folder was synced. Until then a
file may hold nothing, what it held when it was synced last, or any beginning of what was written,
and each change of a name may have happened or not, whatever became of those before it.
"""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class File:
    """What one file holds."""

    synced: bytes = b""
    seen: bytes = b""
    """What was seen of it last, synced or not."""
    dirty: bool = False

    def left(self, chance):
        """Return what a cut leaves of it."""
        if not self.dirty:
            return self.synced
        torn = self.seen[: chance.randint(0, len(self.seen))]
        return chance.choice([self.synced, b"", torn, self.seen])


@dataclass(eq=False)
class Folder:
    """The names in one folder that are on the platter, and what each stands for."""

    names: dict[str, object] = field(default_factory=dict)


class Disk:
    """A folder and all below it; what is there when the log begins is on the platter."""

    def __init__(self, folder, notes):
        self.folder = Path(folder)
        self.notes = Path(notes)
        self.notes.mkdir()
        self._things = {}
        self._pending = []
        self._root = self._standing(self.folder)
        self._played = 0
        self.acknowledged = []

    @property
    def log(self):
        """Where the shim logs, and writers note what was acknowledged."""
        return self.notes / "log"

    def lines(self):
        """Return how long the log is."""
        return len(self.log.read_text().splitlines())

    def play(self, until):
        """Follow the log up to a line."""
        for line in self.log.read_text().splitlines()[self._played : until]:
            kind, *words = line.split("\t")
            getattr(self, f"_{kind}")(*words)
            self._played += 1

    def cut(self, target, chance):
        """Write down what a power cut may leave now."""
        share = chance.choice([0.0, 0.5, 0.9, 1.0])
        kept = [change for change in self._pending if chance.random() < share]
        self._put(self._root, Path(target), kept, chance)

    def _put(self, thing, path, kept, chance):
        if isinstance(thing, File):
            path.write_bytes(thing.left(chance))
            return
        path.mkdir()
        names = dict(thing.names)
        for change in kept:
            names.update({name: to for folder, name, to in change if folder is thing})
        for name, below in names.items():
            if below is not None:
                self._put(below, path / name, kept, chance)

    def _standing(self, path):
        thing = self._things[path.stat().st_ino] = Folder() if path.is_dir() else File()
        if path.is_dir():
            thing.names = {below.name: self._standing(below) for below in path.iterdir()}
        else:
            thing.synced = thing.seen = path.read_bytes()
        return thing

    def _change(self, *steps):
        """Let names stand for something else, all of them or none."""
        self._pending.append(
            [(self._things.get(int(folder)), name, thing) for folder, name, thing in steps]
        )

    def _ack(self, *words):
        self.acknowledged.append("\t".join(("ack", *words)))

    def _create(self, folder, name, number):
        self._things[int(number)] = File(dirty=True)
        self._change((folder, name, self._things[int(number)]))

    def _mkdir(self, folder, name, number):
        self._things[int(number)] = Folder()
        self._change((folder, name, self._things[int(number)]))

    def _link(self, folder, name, number):
        self._change((folder, name, self._things[int(number)]))

    def _rename(self, old_folder, old, folder, name, number):
        self._change((old_folder, old, None), (folder, name, self._things[int(number)]))

    def _unlink(self, folder, name):
        self._change((folder, name, None))

    def _write(self, number):
        self._things[int(number)].dirty = True

    def _seen(self, number, copy):
        thing = self._things[int(number)]
        if isinstance(thing, File):
            thing.seen = (self.notes / copy).read_bytes()

    def _sync(self, number, copy):
        self._seen(number, copy)
        thing = self._things[int(number)]
        thing.synced, thing.dirty = thing.seen, False

    def _folder(self, number):
        synced, waiting = self._things[int(number)], []
        for change in self._pending:
            if any(folder is synced for folder, _, _ in change):
                for folder, name, thing in change:
                    folder.names[name] = thing
            else:
                waiting.append(change)
        self._pending = waiting
