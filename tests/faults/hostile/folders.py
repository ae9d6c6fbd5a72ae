"""Folders that somebody works in, and that somebody else has filled."""

import os

from .configs import of_another, toml
from .ground import Attack

TRAP = "open({hits!r}, 'a').write('{name} ')\n"


def modules(*names, text=TRAP):
    """Leave modules of these names; each writes down that it ran."""

    def plant(ground, folder):
        for name in names:
            path = folder / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.format(hits=str(ground.hits), name=name))

    return plant


def installed(ground, folder):
    """A plugin that seems to be installed there."""
    modules("argosy_stranger")(ground, folder)
    told = folder / "argosy_stranger-1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: argosy-stranger\nVersion: 1\n")
    (told / "entry_points.txt").write_text("[argosy]\nstranger = argosy_stranger\n")


def file(name, text):
    def plant(ground, folder):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{hits}", str(ground.hits)))

    return plant


def compiled(ground, folder):
    """Modules that are there as bytecode alone."""
    import py_compile

    for name in ("numpy", "loky", "polars"):
        source = folder / "source.py"
        source.write_text(TRAP.format(hits=str(ground.hits), name=name))
        py_compile.compile(str(source), cfile=str(folder / f"{name}.pyc"))
        source.unlink()


def commands(*names):
    """Programs of these names, for whoever looks for programs there."""

    def plant(ground, folder):
        for name in names:
            path = folder / name
            path.write_text(f"#!/bin/sh\necho {name} >> {ground.hits}\n")
            path.chmod(0o755)

    return plant


def libraries(ground, folder):
    for name in ("libgomp.so.1", "libpolars.so", "_polars_runtime.abi3.so", "numpy.so"):
        (folder / name).write_bytes(os.urandom(64))


def everything(ground, folder):
    for attack in FOLDERS:
        if attack.told is None and attack.name != "all of these at once":
            attack.does(ground, folder)


FOLDERS = [
    Attack(
        "what workers are started by", modules("loky", "cloudpickle", "joblib", "multiprocessing")
    ),
    Attack(
        "what everything is made of", modules("numpy", "polars", "pyarrow", "deltalake", "fsspec")
    ),
    Attack("what Python itself imports", modules("site", "encodings", "json", "typing", "random")),
    Attack("what Python imports for users", modules("sitecustomize", "usercustomize")),
    Attack("argosy itself", modules("argosy", "argosy/__init__", "argosy_cli")),
    Attack(
        "a plugin of argosy's name", modules("argosy_metrics/__init__", "argosy_local/__init__")
    ),
    Attack("a plugin that seems installed", installed),
    Attack("what tests import", modules("conftest", "setup", "tests/__init__")),
    Attack("bytecode alone", compiled),
    Attack("libraries", libraries),
    Attack("programs", commands("python", "python3", "git", "gcc", "ray", "uname", "sh")),
    Attack("a path file", file("x.pth", "import os; open('{hits}', 'a').write('pth')\n")),
    Attack("variables", file(".env", "ARGOSY_CORE__SINKS=jsonl\nARGOSY_NOTICES__PATH={hits}\n")),
    Attack(
        "a project",
        file(
            "pyproject.toml",
            '[tool.argosy.core]\nsinks = ["jsonl"]\n[tool.argosy.notices]\npath = "{hits}"\n',
        ),
    ),
    Attack("a set-up", file("setup.cfg", "[argosy]\nsinks = jsonl\n")),
    Attack("settings of Numba", file(".numba_config.yaml", "cache_dir: {hits}\n")),
    Attack(
        "settings of Ray", file("ray.yaml", "cluster_name: x\nsetup_commands: ['touch {hits}']\n")
    ),
    Attack(
        "settings of a store", file(".aws/config", "[default]\ncredential_process = touch {hits}\n")
    ),
    Attack("settings of fsspec", file("fsspec/conf.json", '{"file": {"auto_mkdir": true}}')),
    Attack("wheels", toml('[ray]\nwheels = ["./x"]\n'), "sets ray.wheels, which runs code"),
    Attack(
        "sinks", toml('[core]\nsinks = ["jsonl"]\n[notices]\npath = "{hits}"\n'), "sets core.sinks"
    ),
    Attack("settings of another user", of_another, "belongs to another user|not trusted"),
    Attack("all of these at once", everything),
]
