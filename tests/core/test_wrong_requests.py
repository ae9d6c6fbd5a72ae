"""A table of wrong requests, in Python and on the command line: each is refused before anything.

Each error names the option, the reason and what is valid; the fleet, its triage and its runs are as
they were. The table is written by hand; below it, values are drawn for every option of every job
that is installed, of seeds that `--seed` sets.
"""

import random
import re
from pathlib import Path

import polars as pl
import pytest

import argosy
from argosy.errors import BadInput, UnknownName
from argosy.jobs.load import load
from argosy.plugins import installed
from argosy.testing.fleets import logged_fleet
from argosy_cli.fields import options_of
from argosy_cli.main import run

from .wrong_values import wrong

CLOSE = {"why": "known"}
WRONG = [
    # job, request, what the error says: the option, the reason, what is valid
    ("evaluate", {"metrics": ["aux"]}, ["metric", "'aux'", "did you mean 'auc'"]),
    ("evaluate", {"metrics": ["mae"]}, ["metrics", "applies to no selected model", "regression"]),
    ("evaluate", {"metrics": ["auc", "mae"]}, ["metrics", "'mae'", "binary"]),
    ("evaluate", {"slices": ["typo"]}, ["slices", "'typo'", "colour"]),
    ("evaluate", {"slices": ["typo > 3"]}, ["slices", "'typo'", "colour"]),
    ("evaluate", {"slices": ["colour > 3"]}, ["slices", "cannot compare", "'holdout'"]),
    ("evaluate", {"slices": ["colour >"]}, ["slices", "'colour >'", "no SQL expression"]),
    ("evaluate", {"data": "hold"}, ["data", "'hold'", "did you mean 'holdout'"]),
    ("evaluate", {"truth": "labels"}, ["truth", "'labels'", "holdout"]),
    ("evaluate", {"window": "0d"}, ["window", "'0d'", "1mo"]),
    ("evaluate", {"window": "0 rows"}, ["window", "'0 rows'", "1000 rows"]),
    ("evaluate", {"window": "by "}, ["window", "'by '", "by batch"]),
    ("evaluate", {"window": "1mo2d"}, ["window", "'1mo2d'", "1mo"]),
    ("evaluate", {"window": "weekly"}, ["window", "'weekly'", "1w"]),
    ("evaluate", {"window": "by nope"}, ["window", "'nope'", "colour"]),
    ("evaluate", {"window": "1d"}, ["window", "names a timestamp", "1000 rows"]),
    ("evaluate", {"at": "soon"}, ["at of", "'soon'", "2026-11-01"]),
    ("evaluate", {"depth": 0}, ["depth", "0", "greater than or equal to 1"]),
    ("evaluate", {"least": 0}, ["least", "0", "greater than or equal to 1"]),
    ("evaluate", {"bootstrap": 1}, ["bootstrap", "1", "two draws at least"]),
    ("evaluate", {"colour": 1}, ["colour", "no parameter", "slices"]),
    ("drift", {"detectors": ["kss"]}, ["detector", "'kss'", "did you mean 'ks'"]),
    ("drift", {"segments": ["typo"]}, ["segments", "'typo'", "colour"]),
    ("drift", {"segments": ["colour >"]}, ["segments", "'colour >'", "no SQL expression"]),
    ("drift", {"window": "1d"}, ["window", "is text such as", "a date or a time"]),
    ("drift", {"window": "by nope"}, ["window", "'nope'", "colour"]),
    ("drift", {"window": "0w"}, ["window", "'0w'", "1w"]),
    ("drift", {"against": "yesterday"}, ["against", "'yesterday'", "rolling 4"]),
    ("drift", {"against": "rolling 4"}, ["against", "'rolling 4'", "1d"]),
    ("drift", {"window": "1w", "against": "seasonal 12mo"}, ["against", "'12mo'", "seasonal 52w"]),
    ("drift", {"window": "1mo", "against": "seasonal 52w"}, ["against", "'52w'", "seasonal 12mo"]),
    ("drift", {"window": "1w", "against": "seasonal 0w"}, ["against", "'0w'", "seasonal 52w"]),
    ("drift", {"reference": "ref"}, ["reference", "'ref'", "reference"]),
    ("drift", {"current": "now"}, ["current", "'now'", "current"]),
    ("drift", {"at": "x"}, ["at of", "'x'", "2026-11-01"]),
    ("drift", {"rules": [{"level": 2}]}, ["rules", "level", "less than 1"]),
    ("drift", {"rules": [{"lvl": 0.1}]}, ["rules", "lvl", "level, floors"]),
    ("drift", {"rules": [{"floors": {"kss": 1}}]}, ["rules", "'kss'", "did you mean 'ks'"]),
    ("drift", {"rules": [{"where": "nope = 1"}]}, ["rules", "'nope'", "tier"]),
    ("compare", {"champion": "chief"}, ["champion", "'chief'", "champion"]),
    ("compare", {"challengers": ["rival"]}, ["challengers", "'rival'", "champion"]),
    ("compare", {"challengers": ["champion"]}, ["challengers", "with itself", "another"]),
    ("compare", {"comparisons": ["t"]}, ["comparison", "'t'", "delong"]),
    ("compare", {"comparisons": ["paired_ranking"]}, ["comparisons", "applies to no", "ranking"]),
    ("compare", {"metrics": ["mae"]}, ["metrics", "'mae'", "no selected model"]),
    ("compare", {"level": 2.0}, ["level", "2", "less than 1"]),
    ("gate", {"baselines": ["nive"]}, ["baseline", "'nive'", "did you mean 'naive'"]),
    ("gate", {"metrics": ["rmse"]}, ["metrics", "'rmse'", "no selected model"]),
    ("gate", {"alias": "chief"}, ["alias", "'chief'", "champion"]),
    ("gate", {"margin": -1.0}, ["margin", "-1", "greater than or equal to 0"]),
    ("gate", {"perfect": 2.0}, ["perfect", "2", "less than or equal to 1"]),
    ("gate", {"tolerance": -1.0}, ["tolerance", "-1", "greater than or equal to 0"]),
    ("estimate", {"estimators": ["cbp"]}, ["estimator", "'cbp'", "did you mean 'cbpe'"]),
    ("estimate", {"estimators": ["direct_loss"]}, ["estimators", "applies to no", "regression"]),
    ("estimate", {"window": "by nope"}, ["window", "'nope'", "colour"]),
    ("estimate", {"current": "now"}, ["current", "'now'", "current"]),
    ("predict", {"alias": "chief"}, ["alias", "'chief'", "champion"]),
    ("predict", {"role": "current"}, ["role", "'current'", "name another"]),
    ("predict", {"role": "a/b"}, ["role", "'a/b'", "control character"]),
    ("train", {"version": "a/b"}, ["version", "'a/b'", "control character"]),
    ("train", {"data": "lessons"}, ["data", "'lessons'", "holdout"]),
    ("close", {"why": " "}, ["why", "' '", "in a few words"]),
    ("close", {**CLOSE, "columns": ["nope"]}, ["column", "nope", "argosy triage"]),
    ("ab_test", {"data": "nope"}, ["data", "'nope'", "holdout"]),
    ("ab_test", {"data": "holdout", "level": 3.0}, ["level", "3", "less than 1"]),
    ("bandit", {"data": "holdout", "memory": 0.5}, ["memory", "0.5", "equal to 1"]),
    ("offpolicy", {"data": "holdout", "policy": "nope"}, ["policy", "'nope'", "holdout"]),
    ("offpolicy", {"data": "holdout", "clip": 0.0}, ["clip", "0", "greater than 0"]),
]
ASKED = {
    "close": CLOSE,
    "ab_revenue": {"data": "holdout"},
    "ab_test": {"data": "holdout"},
    "bandit": {"data": "holdout"},
    "bandit_replay": {"data": "holdout"},
    "offpolicy": {"data": "holdout"},
    "train": {"data": "holdout"},
}
"""What jobs are asked besides what is wrong."""
OF_ALL = [
    ({"executor": "nowhere"}, ["executor", "'nowhere'", "local"]),
    ({"selection": "tier ="}, ["'tier ='", "SQL condition", "tier <= 2"]),
    ({"selection": ""}, ["''", "SQL condition", "tier <= 2"]),
    ({"selection": "teir = 1"}, ["column", "'teir'", "did you mean 'tier'"]),
    ({"selection": "tags.regoin = 'eu'"}, ["tag", "'regoin'", "region"]),
    ({"selection": "tier = 99"}, ["no model matches", "tier = 99"]),
]
PROMOTIONS = [
    ({"steps": [1, 2, 3]}, ["steps", "[1.0, 2.0, 3.0]", "such as 0.1"]),
    ({"steps": [0.5, 0.1]}, ["step", "[0.5, 0.1]", "ascend"]),
    ({"checks": ["drfit"]}, ["check", "'drfit'", "did you mean 'drift'"]),
    ({"of": "rival"}, ["alias", "'rival'", "champion"]),
    ({"alias": "a/b"}, ["alias", "'a/b'", "control character"]),
    ({"tolerated": 2}, ["tolerated", "2", "below 1"]),
]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """Binary models whose current rows have a time that is none, and one of a template."""
    folder = tmp_path_factory.mktemp("fleet")
    fleet = logged_fleet(folder, models=3)
    now = pl.read_parquet(folder / "current.parquet").with_columns(when=pl.lit("yesterday"))
    now.write_parquet(folder / "current.parquet")
    [kept] = fleet.bindings().filter(role="current").collect().to_dicts()
    named = {name: kept[name] for name in ("role", "url", "key", "truth", "score")}
    fleet.bind([{**named, "timestamp": "when"}])
    fleet.set_alias(fleet.where("true"), "champion")
    trainer = {"trainer": "sklearn", "params": {"estimator": "LogisticRegression"}}
    fleet.define([{"template": "t", **trainer, "task": "binary", "data": "holdout"}])
    fleet.instantiate("t", [{"model": "t1"}])
    fleet.evaluate("model = 'm0'")
    listed = fleet.triage()
    yield fleet
    unaged = [name for name in listed.columns if name != "severity"]
    assert argosy.open(fleet.url).triage().select(unaged).equals(listed.select(unaged))


@pytest.fixture
def untouched(fleet):
    """See to it that nothing is begun or written meanwhile."""
    before = fleet.seq
    yield
    again = argosy.open(fleet.url)
    assert again.seq == before
    assert again.unfinished().is_empty()


def said(error, words):
    """The error says all of it, and nothing of the machinery behind."""
    assert "Value error" not in error
    for word in words:
        assert word in error, error


def typed(kind, request):
    """The options of a command that ask for the same."""
    options = {option.name: option.opts[0] for option in options_of(load(kind).request)}
    words = []
    for name, value in request.items():
        for one in value if isinstance(value, list) else [value]:
            words += [options.get(name, f"--{name}"), str(one)]
    return words


def name_of(value):
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize(("kind", "request_", "words"), WRONG, ids=name_of)
def test_s1_10_a_wrong_request_is_refused_before_anything_begins(
    fleet, untouched, kind, request_, words
):
    given = {**CLOSE, **request_} if kind == "close" else request_
    with pytest.raises((BadInput, UnknownName)) as refused:
        fleet.run(kind, "template IS NULL" if kind != "train" else None, **given)
    said(str(refused.value), words)
    with pytest.raises((BadInput, UnknownName)):
        fleet.explain(kind, "template IS NULL" if kind != "train" else None, **given)


@pytest.mark.parametrize(
    ("kind", "request_", "words"), [row for row in WRONG if "rules" not in row[1]], ids=name_of
)
def test_it_is_wrong_use_on_the_command_line(fleet, untouched, capsys, kind, request_, words):
    where = [] if kind == "train" else ["--where", "template IS NULL"]
    code = run(["--fleet", fleet.url, "run", kind, *where, *typed(kind, request_)])
    told = capsys.readouterr().err

    assert code == 2, told
    assert "error: " in told
    assert "Value error" not in told
    options = [word for word in words if word.strip("'").strip() in told]
    assert options, told


@pytest.mark.parametrize(("given", "words"), OF_ALL)
@pytest.mark.parametrize("kind", installed().jobs)
def test_a_wrong_selection_or_executor_is_refused_by_every_job(
    fleet, untouched, capsys, kind, given, words
):
    with pytest.raises((BadInput, UnknownName)) as refused:
        fleet.run(kind, **ASKED.get(kind, {}), **given)
    said(str(refused.value), words)
    flags = {"executor": "--executor", "selection": "--where"}
    words_typed = [text for name, value in given.items() for text in (flags[name], value)]

    words_typed += typed(kind, ASKED.get(kind, {}))

    assert run(["--fleet", fleet.url, "run", kind, *words_typed]) == 2
    said(capsys.readouterr().err, words)


@pytest.mark.parametrize(("given", "words"), PROMOTIONS)
def test_a_wrong_promotion_is_refused(fleet, untouched, capsys, given, words):
    with pytest.raises((BadInput, UnknownName)) as refused:
        fleet.promote("tier = 1", **given)
    said(str(refused.value), words)
    typed_ = []
    for name, value in given.items():
        flag = "--check" if name == "checks" else f"--{name}"
        text = ",".join(map(str, value)) if name == "steps" else value
        typed_ += [flag, str(text[0] if isinstance(text, list) else text)]

    assert run(["--fleet", fleet.url, "promote", "--where", "tier = 1", *typed_]) == 2
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["models", "--where", ""],
        ["--set", "core=1", "models"],
        ["--set", "core.nope=1", "models"],
        ["--set", "core.time_limit=soon", "models"],
        ["register", "notes.txt"],
        ["register", "nowhere.csv"],
        ["bind", "notes.txt"],
        ["alias", "champion", "--where", "tier ="],
        ["tag", "--where", "teir = 1", "a=b"],
        ["evaluate", "--allow-failures", "many"],
        ["evaluate", "--allow-failures", "1.5"],
        ["evaluate", "--as-of", "1"],
        ["show", "nobody"],
        ["sql", "SELECT nope FROM models"],
        ["leaderboard", "--metric", "nope"],
        ["resume", "nope"],
        ["rollback", "999"],
        ["nope"],
    ],
    ids=" ".join,
)
def test_wrong_use_of_other_commands_exits_with_2(
    fleet, untouched, tmp_path, monkeypatch, capsys, words
):
    (tmp_path / "notes.txt").write_text("models are fine\n")
    monkeypatch.chdir(tmp_path)

    assert run(["--fleet", fleet.url, *words]) == 2, capsys.readouterr().err


WAY_OUT = re.compile(
    "Known: |did you mean|such as |write |say |name |use |Set it|installed|valid|should|greater"
    "|less|equal|at least|bound|holds one of|in a few words|lists them|a rule has|no SQL expression"
)
"""What is valid, in whichever words."""
OPTIONS = [(kind, name) for kind in installed().jobs for name in load(kind).request.model_fields]


def selection_of(kind):
    return None if kind == "train" else "template IS NULL"


def files(fleet):
    """Every file of a fleet with its size."""
    return {path: path.stat().st_size for path in Path(fleet.url).rglob("*") if path.is_file()}


@pytest.fixture
def nothing_written(fleet, untouched):
    before = files(fleet)
    yield
    assert files(fleet) == before


def drawn(kind, name, seeds):
    field = load(kind).request.model_fields[name]
    for seed in seeds(1, 2):
        yield from wrong(kind, name, field, random.Random(f"{seed} {kind} {name}"))


def names_the_option(kind, name):
    """What an error may call an option: as in Python, as typed, or as one of several."""
    typed_ = {one.name: one.opts[0].lstrip("-") for one in options_of(load(kind).request)}
    words = {name, typed_.get(name, name), name.removesuffix("s")}
    return (
        words
        | {word.replace("-", " ") for word in words}
        | {word.replace("_", " ") for word in words}
    )


@pytest.mark.parametrize(("kind", "name"), OPTIONS)
def test_s18_6_no_option_of_any_job_takes_what_it_cannot_mean(
    fleet, nothing_written, seeds, kind, name
):
    for value in drawn(kind, name, seeds):
        with pytest.raises((BadInput, UnknownName)) as refused:
            fleet.run(kind, selection_of(kind), **{**ASKED.get(kind, {}), name: value})
        told = str(refused.value)
        shown = value[0] if isinstance(value, list) else value
        shown = str(next(iter(shown)) if isinstance(shown, dict) else shown)
        assert "Value error" not in told
        assert any(word in told for word in names_the_option(kind, name)), (value, told)
        # of an expression, the column that there is not
        assert shown.strip() in told or max(shown.split(), key=len) in told, (value, told)
        assert WAY_OUT.search(told), (value, told)


@pytest.mark.parametrize(("kind", "name"), OPTIONS)
def test_no_option_of_any_command_takes_what_it_cannot_mean(
    fleet, nothing_written, seeds, capsys, kind, name
):
    """Options of which a command line has none, such as rules, are left out."""
    known = {option.name: option for option in options_of(load(kind).request)}
    for value in drawn(kind, name, seeds):
        if name not in known:
            continue
        option = known[name]
        given = typed(kind, {**ASKED.get(kind, {}), name: value})
        if option.is_flag:
            rest = {one: was for one, was in ASKED.get(kind, {}).items() if one != name}
            given = [*typed(kind, rest), f"{option.opts[0]}={value}"]
        where = [] if kind == "train" else ["--where", selection_of(kind)]
        code = run(["--fleet", fleet.url, "run", kind, *where, *given])
        told = capsys.readouterr().err

        assert code == 2, (value, told)
        assert "error: " in told
        assert "Value error" not in told
        assert any(word in told for word in names_the_option(kind, name)), (value, told)
