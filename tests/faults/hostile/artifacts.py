"""Artifacts that are after something, each a model of its own; none of them may run anything."""

import gzip
import io
import json
import os
import pickle  # noqa: TID251  (what attackers write; nothing here opens it)
import struct
import tarfile
import zipfile

import joblib
import numpy as np
import skops.io as sio
from sklearn.linear_model import LogisticRegression

from .ground import Attack

FEATURES = ["a", "b"]
_DRAWS = np.random.default_rng(1)
_X = _DRAWS.normal(size=(60, 2))
SOUND = sio.dumps(LogisticRegression().fit(_X, (_X[:, 0] > 0).astype(int)))
REFUSED = "is no skops file|list of types|cannot|no loader|no plugin|format"


class Code:
    """Runs a line of Python where it is unpickled."""

    def __init__(self, line):
        self.line = line

    def __reduce__(self):
        return exec, (self.line,)


def code(ground):
    return Code(f"open({str(ground.hits)!r}, 'a').write('unpickled ')")


def named(name, content):
    """Write an artifact of a format's ending; `content` may need the ground."""

    def plant(ground):
        path = ground.shared / name
        path.write_bytes(content(ground) if callable(content) else content)
        return path

    return plant


def joblibbed(compress):
    def content(ground):
        written = io.BytesIO()
        joblib.dump([np.zeros(10), code(ground)], written, compress=compress)
        return written.getvalue()

    return content


def array_of_objects(ground):
    written = io.BytesIO()
    np.save(written, np.array([code(ground)], dtype=object), allow_pickle=True)
    return written.getvalue()


def changed(change, members=()):
    """A sound skops file whose schema is changed, and that has more members."""

    def content(ground):
        with zipfile.ZipFile(io.BytesIO(SOUND)) as whole:
            parts = {name: whole.read(name) for name in whole.namelist()}
        schema = json.loads(parts["schema.json"])
        change(schema, ground)
        parts["schema.json"] = json.dumps(schema).encode()
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            for name, held in {**parts, **(members(ground) if members else {})}.items():
                archive.writestr(name, held)
        return written.getvalue()

    return content


def param(node):
    """Put a node that nobody would save in the place of a param."""

    def change(schema, ground):
        schema["content"]["content"]["verbose"] = node(ground)

    return changed(change)


def function(module, name):
    """A node of skops for a function by its name."""
    return param(lambda _: {"__class__": name, "__module__": module, "__loader__": "FunctionNode"})


def calls(module, name, given):
    """A node of skops for what is made by a call of a type."""

    def node(ground):
        told = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode",
                "content": json.dumps(given.format(hits=ground.hits))}  # fmt: skip
        return {
            "__class__": name, "__module__": module, "__loader__": "ConstructorFromReduceNode",
            "content": {"__class__": "tuple", "__module__": "builtins",
                        "__loader__": "TupleNode", "content": [told]},
        }  # fmt: skip

    return param(node)


def of_type(module, name):
    return param(lambda _: {"__class__": name, "__module__": module, "__loader__": "TypeNode"})


def nothing(schema, ground):
    pass


def bomb(_):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b"[" * 40_000_000)
    return written.getvalue()


def linked(ground):
    """A ZIP whose member is a link to a private file."""
    written = io.BytesIO(SOUND)
    with zipfile.ZipFile(written, "a") as archive:
        told = zipfile.ZipInfo("1.npy")
        told.external_attr = 0o120777 << 16
        archive.writestr(told, str(ground.private / "pay.csv"))
    return written.getvalue()


def tarred(ground):
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        told = tarfile.TarInfo("../../private/token")
        told.size = 1
        archive.addfile(told, io.BytesIO(b"x"))
    return written.getvalue()


def many_values(ground):
    """An array whose head says that it has a million million values."""
    head = repr({"descr": "<f8", "fortran_order": False, "shape": (10**12,)}).encode()
    head += b" " * (64 - (len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head


def huge_array(schema, ground):
    schema["content"]["content"]["coef_"] = {
        "__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode",
        "type": "numpy", "file": "huge.npy",
    }  # fmt: skip


def onnx(ground):
    """The bytes of a graph whose weights lie in a file beside it, named by a path that goes up."""
    where = b"../private/pay.csv"
    entry = b"\x0a\x08location\x12" + bytes([len(where)]) + where
    tensor = b"\x08\x01\x10\x01\x6a" + bytes([len(entry)]) + entry + b"\x70\x01"
    graph = b"\x2a" + bytes([len(tensor)]) + tensor
    return b"\x08\x08\x3a" + bytes([len(graph)]) + graph


def booster(ground):
    """An XGBoost model in JSON, of dimensions that nothing holds."""
    learner = {"learner_model_param": {"num_feature": str(2**62), "num_class": str(2**62)}}
    return json.dumps({"learner": learner, "version": [3, 2, 0]}).encode()


def linked_file(ground):
    path = ground.shared / "linked.skops"
    path.symlink_to(ground.private / "token")
    return path


def fifo(ground):
    path = ground.shared / "fifo.skops"
    os.mkfifo(path)
    return path


ARTIFACTS = [
    Attack("a pickle in disguise", named("p.skops", lambda at: pickle.dumps(code(at))), REFUSED),
    Attack("a joblib in disguise", named("j.skops", joblibbed(0)), REFUSED),
    Attack("a compressed joblib", named("z.skops", joblibbed(("zlib", 3))), REFUSED),
    Attack(
        "a compressed pickle",
        named("g.skops", lambda at: gzip.compress(pickle.dumps(code(at)))),
        REFUSED,
    ),
    Attack("an array of objects", named("o.skops", array_of_objects), REFUSED),
    Attack(
        "one within skops",
        named("w.skops", changed(huge_array, lambda at: {"huge.npy": array_of_objects(at)})),
        REFUSED,
    ),
    Attack(
        "a system call",
        named("s.skops", function("posix", "system")),
        "list of types.*posix.system",
    ),
    Attack(
        "a call of exec",
        named("e.skops", calls("builtins", "exec", "open('{hits}', 'w')")),
        "list of types.*exec",
    ),
    Attack(
        "a call of a method",
        named("m.skops", calls("operator", "methodcaller", "system")),
        "list of types.*methodcaller",
    ),
    Attack(
        "a process",
        named("u.skops", calls("subprocess", "Popen", "touch {hits}")),
        "list of types.*Popen",
    ),
    Attack("a module of the reader's", named("c.skops", of_type("argosy", "open")), REFUSED),
    Attack("a type that nobody knows", named("t.skops", of_type("stranger", "Model")), REFUSED),
    Attack(
        "a member that goes up",
        named("up.skops", changed(nothing, lambda at: {"../../private/token": b"x"})),
        None,
    ),
    Attack(
        "a member with a path",
        named("ab.skops", changed(nothing, lambda at: {str(at.private / "token"): b"x"})),
        None,
    ),
    Attack("a member that is a link", named("l.skops", linked), None),
    Attack("an archive of another kind", named("tar.skops", tarred), REFUSED),
    Attack("a ZIP bomb", named("b.skops", bomb), REFUSED),
    Attack(
        "an array without end",
        named("h.skops", changed(huge_array, lambda at: {"huge.npy": many_values(at)})),
        REFUSED,
    ),
    Attack("weights beside a graph", named("x.onnx", onnx), REFUSED),
    Attack("a booster without end", named("x.json", booster), REFUSED),
    Attack("a format that runs code", named("x.pkl", lambda at: pickle.dumps(code(at))), REFUSED),
    Attack("half a file", named("half.skops", SOUND[: len(SOUND) // 2]), REFUSED),
    Attack("nothing", named("none.skops", b""), REFUSED),
    Attack("a link out", linked_file, "leads out of the roots"),
    Attack("a FIFO", fifo, "is a FIFO"),
]
