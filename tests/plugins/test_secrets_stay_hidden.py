"""A secret is given in every place where one can be, and looked for wherever it could have gone."""

import json

import pytest

from argosy.testing.fleets import logged_fleet

from .leaky import holding, installed, play

PIECE = "canary-51c7"
CANARY = f'{PIECE}"d0\\e9'
"""With letters that JSON and TOML write otherwise."""
TOKEN = ("leaky", "token")


def commands(fleet):
    """Everything that may print, keep or send a secret, what fails among it."""
    models = ["--where", "true"]
    chosen = ["--set", "core.sinks=leaky,webhook", "--set", "core.severity=info"]
    yield ["plugins", "show", "leaky"]
    yield ["plugins", "show", "notices", "--json"]
    yield [*chosen, "owner", "bea", *models]
    yield [*chosen, "evaluate", "--metric", "leaky"]
    yield ["evaluate", "--metric", "auc", "--json"]
    yield [*chosen, "drift", "--detector", "leaky"]
    yield ["drift", "--detector", "psi", "--json"]
    yield ["gate", "--gate", "leaky"]
    yield ["runs", "--json"]
    yield ["sql", "SELECT * FROM runs", "--json"]
    yield ["sql", "SELECT * FROM evaluations", "--json"]
    yield ["notices", "--json"]
    yield [*chosen, "notices", "--send"]
    yield ["triage", "--json"]
    yield ["show", "m0", "--json"]
    yield ["history", "m0", "--json"]
    yield ["import", "inventory", "/nowhere/list.csv"]
    yield ["resume", "nothing"]
    yield ["--set", "leaky.keys=3", "models"]
    yield ["--set", "leaky.tokn=3", "models"]
    yield ["verify"]


def toml(value):
    """Write a value as TOML does."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def given(way, secret, folder):
    """Return what is written into argosy.toml, set in the environment, and put before a command."""
    where, _, kind = way.partition(", ")
    references = {"env": {"env": "CANARY_HERE"}, "file": {"file": str(folder / "secret")}}
    value = references.get(kind, secret)
    environment = {"CANARY_HERE": secret} if kind == "env" else {}
    text = json.dumps(value) if isinstance(value, dict) else value
    url = references.get(kind, f"http://127.0.0.1:9/{secret}")
    notices = {"url": url, "token": value, "allow": ["127.0.0.1"]}
    if where == "file":
        sections = {"leaky": {"token": value, "keys": {"a": [value]}}, "notices": notices}
        lines = [f"[{name}]\n" + told for name, told in sections_of(sections)]
        named = {"ARGOSY_CONFIG": str(folder / "argosy.toml")}  # so that its user answers for it
        return "\n".join(lines), {**environment, **named}, []
    if where == "environment":
        keys = {"ARGOSY_LEAKY__TOKEN": text, "ARGOSY_NOTICES__TOKEN": text}
        return "", {**environment, **keys, "ARGOSY_NOTICES__URL": url_text(url)}, []
    if where == "storage":
        told = {"token": value, "client_kwargs": {"password": value}}
        return "", {**environment, "ARGOSY_STORAGE_OPTIONS": json.dumps(told)}, []
    pairs = {"leaky.token": text, "notices.token": text, "notices.url": url_text(url)}
    line = [part for key, held in pairs.items() for part in ("--set", f"{key}={held}")]
    return "", environment, line


def url_text(url):
    return url if isinstance(url, str) else json.dumps(url)


def sections_of(sections):
    for name, held in sections.items():
        yield name, "".join(f"{key} = {toml(value)}\n" for key, value in held.items())


WAYS = [
    f"{where}, {kind}"
    for where in ("file", "environment", "line", "storage")
    for kind in ("plain", "env", "file")
]


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_is_nowhere_to_be_seen(way, tmp_path):
    """In the fleet, in what is printed, in temporary folders, in the user's home."""
    logged_fleet(tmp_path / "data", models=3, rows=60)
    fleet = tmp_path / "data" / "fleet"
    (tmp_path / "secret").write_text(CANARY + "\n")
    (tmp_path / "secret").chmod(0o600)
    config, environment, before = given(way, CANARY, tmp_path)
    (tmp_path / "argosy.toml").write_text(config)
    path = installed(tmp_path / "plugins")
    done = play(
        [["--fleet", str(fleet), *before, *line] for line in commands(fleet)],
        tmp_path,
        PYTHONPATH=path,
        **environment,
    )
    told = done.stdout + done.stderr
    assert told.count(" ended with ") == len(list(commands(fleet))), told[-3000:]
    if not way.startswith("storage"):
        assert "**********" in told, "nobody said it aloud, so nothing was tried"
        assert "are no good" in told
    assert PIECE not in told, told[max(0, told.index(PIECE) - 400) :][:800]
    (tmp_path / "secret").unlink()
    (tmp_path / "argosy.toml").unlink()
    assert holding(tmp_path, PIECE) == []


@pytest.mark.parametrize("way", [way for way in WAYS if not way.endswith("plain")])
def test_a_reference_to_nothing_is_refused_before_anything_is_written(way, tmp_path):
    logged_fleet(tmp_path / "data", models=1, rows=20)
    config, environment, before = given(way, CANARY, tmp_path)
    environment.pop("CANARY_HERE", None)
    (tmp_path / "argosy.toml").write_text(config)
    line = ["--fleet", str(tmp_path / "data" / "fleet"), *before]
    path = installed(tmp_path / "plugins")
    done = play([[*line, "retire", "--where", "true"]], tmp_path, PYTHONPATH=path, **environment)

    assert "ended with 2 >" in done.stdout, done.stdout + done.stderr
    assert "is to be" in done.stderr
    assert ("CANARY_HERE" if way.endswith("env") else str(tmp_path / "secret")) in done.stderr
