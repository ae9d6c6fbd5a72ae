"""A plugin in a folder of its own, found by other processes as one that is installed."""


def install(folder, monkeypatch, name, source):
    """Write the module of a plugin and what says that it is one, and put it on the path."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"argosy_{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: argosy-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[argosy]\n{name} = {name}\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
