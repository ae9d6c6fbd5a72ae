"""Files of settings that somebody has left where somebody else works."""

import os

from .ground import Attack

REACH = "argosy trust"


def toml(text):
    """Leave a file of this text; `{port}`, `{private}` and `{hits}` are filled in."""

    def plant(ground, folder):
        told = text.replace("{port}", str(ground.host.port))
        told = told.replace("{private}", str(ground.private)).replace("{hits}", str(ground.hits))
        (folder / "argosy.toml").write_text(told)

    return plant


def raw(content):
    return lambda ground, folder: (folder / "argosy.toml").write_bytes(content)


def link(target):
    def plant(ground, folder):
        (folder / "argosy.toml").symlink_to(target.format(private=ground.private))

    return plant


def linked_settings(ground, folder):
    """A link to a file of the reader's own, so that whose it is says nothing."""
    (ground.folder / "mine.toml").write_text('[core]\nsinks = ["jsonl"]\n')
    (folder / "argosy.toml").symlink_to(ground.folder / "mine.toml")


def of_another(ground, folder):
    path = folder / "argosy.toml"
    path.write_text('[core]\nsinks = ["jsonl"]\n')
    if os.getuid() == 0:
        os.chown(path, 65_534, 65_534)


def of_everybody(ground, folder):
    path = folder / "argosy.toml"
    path.write_text('[core]\nsinks = ["jsonl"]\n')
    path.chmod(0o666)


def hooked(name):
    return toml(f'[core]\nsinks = ["{name}"]\n[notices]\npath = "{{hits}}"\n')


CONFIGS = [
    Attack("a sink that writes", hooked("jsonl"), "sets core.sinks, which sends data out.*trust"),
    Attack(
        "a sink that posts",
        toml(
            '[core]\nsinks=["webhook"]\n[notices]\nurl="http://127.0.0.1:{port}"\nallow=["127.0.0.1"]'
        ),
        "sets core.sinks",
    ),
    Attack(
        "where it posts", toml('[notices]\nurl = "http://127.0.0.1:{port}/"\n'), "sets notices.url"
    ),
    Attack("whom it posts to", toml('[notices]\nallow = ["evil.example"]\n'), "sets notices.allow"),
    Attack("what it writes to", toml('[notices]\npath = "{private}/token"\n'), "sets notices.path"),
    Attack(
        "a secret by reference",
        toml('[notices]\ntoken = {file = "{private}/token"}\n'),
        "sets notices.token",
    ),
    Attack(
        "a secret of the surroundings",
        toml('[notices]\ntoken = {env = "THE_CANARY"}\n'),
        "sets notices.token",
    ),
    Attack(
        "a reference where none may be",
        toml('[core]\nseverity = {file = "{private}/token"}\n'),
        "core.severity",
    ),
    Attack(
        "a path where a number is due",
        toml('[core]\ntime_limit = "{private}/token"\n'),
        "core.time_limit",
    ),
    Attack("a wheel", toml('[ray]\nwheels = ["./x"]\n'), "sets ray.wheels, which runs code"),
    Attack("a cluster", toml('[ray]\naddress = "127.0.0.1:{port}"\n'), "sets ray.address"),
    Attack("an environment", toml('[ray.environments.a]\npip = ["x"]\n'), "sets ray.environments"),
    Attack(
        "a setup hook",
        toml('[ray.environments.a]\nworker_process_setup_hook = "os.system"\n'),
        "sets ray.environments",
    ),
    Attack(
        "an open cluster",
        toml("[ray]\nallow_unauthenticated = true\n"),
        "sets ray.allow_unauthenticated",
    ),
    Attack(
        "whose offers count",
        toml('[plugins]\nprefer = ["metrics.auc=stranger"]\n'),
        "sets plugins.prefer, which chooses whose code runs",
    ),
    Attack(
        "what takes part",
        toml('[plugins]\ndefaults = ["+detectors.stranger"]\n'),
        "sets plugins.defaults",
    ),
    Attack("a section of nobody", toml('[environment]\nPATH = "."\n'), "environment"),
    Attack("an option of nobody", toml('[core]\nexecute = "x"\n'), "execute"),
    Attack("variables", toml('[core.env]\nLD_PRELOAD = "./x.so"\n'), "env"),
    Attack(
        "storage that leads elsewhere",
        toml('[storage]\nendpoint_url = "http://127.0.0.1:{port}"\n'),
        "storage",
    ),
    Attack("a key without a section", toml('sinks = ["jsonl"]\n'), "stands in no section"),
    Attack("the same key twice", toml("[core]\nsinks = []\nsinks = ['jsonl']\n"), "cannot read"),
    Attack(
        "a key in letters that look alike",
        toml("[c\u043ere]\n'sinks' = ['jsonl']\n"),
        "cannot read|called|Known",
    ),
    Attack("a key with dots", toml('"core.sinks" = ["jsonl"]\n'), "stands in no section"),
    Attack("a link to a private file", link("{private}/pay.csv"), "cannot read"),
    Attack("a link to a device", link("/dev/zero"), None),
    Attack("a link to settings", linked_settings, "sets core.sinks"),
    Attack("one of another user", of_another, "belongs to another user|not trusted"),
    Attack("one of everybody", of_everybody, "anybody may write"),
    Attack("two megabytes", raw(b"[core]\n" + b"#" * 2**21), "more than 1,048,576 bytes"),
    Attack("UTF-16", raw("[core]\nsinks = ['jsonl']\n".encode("utf-16")), "cannot read"),
    Attack(
        "a mark before it",
        raw(b"\xef\xbb\xbf[core]\nsinks = ['jsonl']\n"),
        "cannot read|sets core.sinks",
    ),
    Attack("bytes of nothing", raw(bytes(range(256))), "cannot read"),
    Attack("brackets without end", raw(b"[core]\nx = " + b"[" * 100_000), "cannot read"),
    Attack(
        "a number without end",
        raw(b"[core]\ntime_limit = 1" + b"0" * 9_000),
        "cannot read|time_limit",
    ),
    Attack("a time that is none", toml("[core]\ntime_limit = nan\n"), "core.time_limit"),
    Attack("steering letters", raw(b'[core]\n"\\u001b[2J" = 1\n'), "option of core"),
]
