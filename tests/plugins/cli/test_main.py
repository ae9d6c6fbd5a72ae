"""The command line: answers, exit codes, and errors that say what to do."""

import json

import polars as pl
import pytest

from argosy_cli.main import run


@pytest.fixture
def cli(capsys):
    """Run a command line; give its exit code, standard output and standard error."""

    def call(*arguments):
        code = run(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def on(cli, fleet):
    """The same, on a fleet of six models."""
    return lambda *arguments: cli("--fleet", fleet.url, *arguments)


def test_version_and_help_answer(cli):
    assert cli("--version")[1].startswith("argosy, version ")
    code, out, _ = cli("--help")
    assert code == 0
    for command in ("register", "evaluate", "drift", "triage", "demo", "report"):
        assert f"\n  {command} " in out


def test_every_command_has_help(cli):
    from argosy_cli.main import argosy

    for name in argosy.list_commands(None):
        code, out, _ = cli(name, "--help")
        assert code == 0, name
        assert "--json" in out, name


def test_init_creates_a_fleet_once(cli, tmp_path):
    url = str(tmp_path / "new")

    assert cli("--fleet", url, "init")[0] == 0
    told = {"fleet": url, "models": 0, "roots": [str(tmp_path)]}
    assert json.loads(cli("--fleet", url, "init", "--json")[1]) == told


def test_register_and_bind_read_files(cli, tmp_path):
    url = str(tmp_path / "new")
    cli("--fleet", url, "init")
    pl.DataFrame({"model": ["a", "b"], "version": [1, 1]}).write_csv(tmp_path / "models.csv")
    pl.DataFrame({"x": [1.0]}).write_parquet(tmp_path / "rows.parquet")
    pl.DataFrame({"role": ["current"], "url": [str(tmp_path / "rows.parquet")]}).write_ndjson(
        tmp_path / "bind.jsonl"
    )

    assert cli("--fleet", url, "register", str(tmp_path / "models.csv"))[1] == "2 registered\n"
    assert cli("--fleet", url, "bind", str(tmp_path / "bind.jsonl"))[1] == "1 bound\n"
    again = cli("--fleet", url, "register", str(tmp_path / "models.csv"), "--skip-existing")
    assert again[1] == "2 skipped\n"


def test_a_duplicate_registration_exits_with_1_and_tells_json_readers_which(cli, tmp_path):
    url = str(tmp_path / "new")
    cli("--fleet", url, "init")
    pl.DataFrame({"model": ["a", "a"], "version": ["1", "1"]}).write_csv(tmp_path / "models.csv")
    code, out, err = cli("--fleet", url, "--json", "register", str(tmp_path / "models.csv"))

    assert code == 1
    assert "a 1 stands twice in the table" in err
    assert [row["outcome"] for row in json.loads(out)["error"]["outcomes"]] == ["refused"] * 2


def test_models_answer_json_to_a_condition(on):
    code, out, _ = on("models", "--where", "team = 'risk'", "--json")

    assert code == 0
    assert [row["model"] for row in json.loads(out)] == ["m1", "m3", "m5"]


def test_a_table_is_readable_and_says_what_it_left_out(on):
    out = on("models", "--limit", "2")[1]

    assert "m0" in out
    assert "m5" not in out
    assert "4 more" in out


def test_global_options_may_follow_the_command(cli, fleet):
    code, out, _ = cli("models", "--fleet", fleet.url, "--json")

    assert (code, len(json.loads(out))) == (0, 6)


def test_the_fleet_may_come_from_the_environment(cli, fleet, monkeypatch):
    monkeypatch.setenv("ARGOSY_FLEET", fleet.url)

    assert cli("models")[0] == 0


def test_evaluate_and_drift_print_a_run(on):
    run_told = json.loads(on("evaluate", "--json")[1])
    assert {"run_id", "models", "ok", "failed", "drifted", "seconds"} <= set(run_told)
    assert (run_told["models"], run_told["ok"]) == (6, 6)

    told = json.loads(on("drift", "--json")[1])
    assert told["drifted"] == 1


def test_drift_can_give_one_verdict_per_model(on):
    rows = json.loads(on("drift", "--models", "--json")[1])

    assert [row["model"] for row in rows if row["drifted"]] == ["m2"]
    assert set(rows[0]) >= {"model", "drifted", "q_model", "worst_column", "reason"}


def test_drift_exits_with_3_for_schedulers(on):
    assert on("drift", "--fail-on-drift")[0] == 3
    assert on("drift", "--fail-on-drift", "--where", "model = 'm0'")[0] == 0
    assert on("drift")[0] == 0


def test_triage_names_the_worst_with_a_reason(on):
    on("drift")
    rows = json.loads(on("triage", "--json")[1])

    assert [row["model"] for row in rows] == ["m2"]
    assert rows[0]["reason"].startswith("drift in 'size'")
    assert "drift in 'size'" in on("triage")[1]


def test_triage_of_a_fleet_that_needs_nobody_says_so(on):
    on("retire", "--where", "true")
    assert on("triage")[1] == "no model needs a person\n"
    assert json.loads(on("triage", "--json")[1]) == []


def test_show_tells_all_of_one_model(on):
    on("evaluate")
    on("drift")
    on("alias", "champion", "--where", "model = 'm2'")
    told = json.loads(on("show", "m2@champion", "--json")[1])

    assert (told["model"], told["version"], told["drifted"]) == ("m2", "1", True)
    assert told["aliases"] == {"champion": "1"}
    assert {row["metric"] for row in told["evaluations"]} >= {"auc", "accuracy"}
    out = on("show", "m2")[1]
    assert "evaluations" in out
    assert "drift in 'size'" in out


def test_verbs_change_a_selection(on):
    assert on("tag", "wave=1", "note=a=b", "--where", "team = 'risk'")[1] == "3 changed\n"
    told = json.loads(on("show", "m1", "--json")[1])
    assert told["tags"] == {"region": "eu", "wave": "1", "note": "a=b"}
    assert on("tag", "wave", "--remove", "--where", "team = 'risk'")[1] == "3 changed\n"
    assert on("owner", "night", "--where", "model = 'm1'")[1] == "1 changed\n"
    assert on("owner", "night", "--where", "model IN ('m1', 'm3')")[1] == "1 changed, 1 unchanged\n"
    assert on("retire", "--where", "model = 'm1'")[1] == "1 changed\n"
    assert on("restore", "m1")[1] == "1 changed\n"
    assert on("delete", "--where", "model = 'm1'")[1] == "1 deleted\n"
    assert on("restore", "m1")[1] == "1 restored\n"
    assert on("alias", "champion", "--where", "team = 'risk'")[1] == "3 set\n"
    assert on("alias", "champion", "--where", "model = 'm1'", "--clear")[1] == "1 cleared\n"


def test_a_tag_without_a_value_is_wrong_usage(on):
    code, _, err = on("tag", "wave", "--where", "team = 'risk'")

    assert code == 2
    assert "'wave' is no tag; write KEY=VALUE" in err


def test_a_dry_run_shows_the_difference(on):
    rows = json.loads(on("alias", "champion", "--where", "model = 'm1'", "--dry-run", "--json")[1])

    assert {
        "kind": "alias",
        "key": "champion/m1",
        "column": "version",
        "old": None,
        "new": "1",
    } in rows
    assert "nothing was written" in on("retire", "--where", "model = 'm1'", "--dry-run")[1]
    assert json.loads(on("sql", "SELECT * FROM aliases", "--json")[1]) == []


def test_a_change_is_rolled_back_by_its_number(on, fleet):
    on("alias", "champion", "--where", "team = 'risk'")
    seq = str(fleet.events().collect()["seq"].max())

    assert on("rollback", seq)[1] == "3 removed\n"
    assert on("rollback", "999")[0] == 2


def test_the_fleet_is_shown_as_it_stood(on):
    on("retire", "--where", "model = 'm1'")
    on("delete", "--where", "model = 'm2'")

    assert len(json.loads(on("models", "--json")[1])) == 5
    assert len(json.loads(on("models", "--as-of", "2", "--json")[1])) == 6
    assert len(json.loads(on("--as-of", "0", "models", "--json")[1])) == 0
    code, _, err = on("retire", "--where", "model = 'm1'", "--as-of", "2")
    assert code == 2
    assert "read-only" in err
    assert on("models", "--as-of", "someday")[0] == 2


def test_verify_tells_a_head_to_note_down(on):
    told = json.loads(on("verify", "--json")[1])

    assert told["intact"]
    assert told["broken_at"] is None
    assert told["findings"] == []
    assert on("verify", "--head", told["head"])[0] == 0
    code, out, _ = on("verify", "--head", "1:" + "0" * 64)
    assert code == 1
    assert "altered at change 1" in out
    code, _, err = on("verify", "--head", "15:abc")
    assert code == 2
    assert "'15:abc' is no head" in err


def test_verify_says_in_words_that_all_is_well(on):
    code, out, _ = on("verify")

    assert code == 0
    assert "the history is intact: 2 changes" in out
    assert "head 2:" in out


def test_verify_names_what_is_wrong_and_maintain_repairs_what_it_can(on, fleet):
    from argosy.store import data_files

    fleet.evaluate()
    rows = fleet.facts.scan("evaluations").collect()
    table = fleet.facts.table("evaluations")
    table.exchange([], [data_files.write(fleet.location, "evaluations", rows)])
    code, out, _ = on("verify")
    assert code == 1
    assert "stored twice" in out
    assert "--repair" in out
    assert "altered" not in out
    found = json.loads(on("verify", "--json")[1])
    assert not found["intact"]
    assert [one["finding"] for one in found["findings"]] == ["stored twice"]
    code, out, _ = on("maintain", "--repair")
    assert code == 0
    assert f"{rows.height} rows that were copies were removed" in out
    assert on("verify")[0] == 0
    assert "nothing to repair" in on("maintain", "--repair")[1]


def test_maintain_tells_what_it_did(on):
    assert json.loads(on("maintain", "--json")[1])["changes"] == 2


def test_maintain_says_that_young_files_stay_unless_nobody_writes(on):
    asked = "maintain", "--keep-hours", "1"

    assert "younger than 24 hours stay" in on(*asked)[1]
    assert "younger" not in on(*asked, "--nobody-writes")[1]


def test_sql_answers(on):
    code, out, _ = on(
        "sql", "SELECT team, COUNT(*) AS n FROM models GROUP BY team ORDER BY team", "--json"
    )

    assert json.loads(out) == [{"team": "risk", "n": 3}, {"team": "web", "n": 3}]


def test_history_and_runs_tell_what_happened(on):
    on("drift", "--actor", "night-shift")

    assert "drift" in on("history")[1]
    assert json.loads(on("runs", "--json")[1])[0]["by"] == "night-shift"
    assert {row["model"] for row in json.loads(on("history", "m2", "--json")[1])} == {"m2"}


def test_plugins_are_listed_and_shown(cli):
    rows = json.loads(cli("plugins", "--json")[1])
    assert {row["state"] for row in rows} == {"loaded"}
    assert "distribution" in cli("plugins", "show", "local")[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "m9"], "no model is called 'm9'"),
        (["show", "m2@champ"], "no alias of m2 is called 'champ'"),
        (
            ["evaluate", "--executor", "clowd"],
            "no executor is called 'clowd'. Known: auto, local, ray",
        ),
        (["drift", "--detector", "kss"], "no detector is called 'kss'; did you mean 'ks'"),
        (["evaluate", "--data", "holdoot"], "no role is called 'holdoot'; did you mean 'holdout'"),
        (["evaluate", "--metric", "acc"], "no metric is called 'acc'"),
        (["models", "--where", "teem = 'x'"], "no column is called 'teem'; did you mean 'team'"),
        (["plugins", "show", "nosuch"], "no plugin is called 'nosuch'"),
        (["case", "run", "nosuch"], "no case is called 'nosuch'"),
        (["modles"], "No such command 'modles'"),
        (["drift", "--nosuch"], "No such option"),
    ],
)
def test_wrong_usage_exits_with_2_and_lists_what_there_is(on, arguments, told):
    code, _, err = on(*arguments)

    assert code == 2
    assert told in err


def test_no_fleet_named_is_wrong_usage(cli):
    code, _, err = cli("models")

    assert code == 2
    assert "name a fleet with --fleet URL or ARGOSY_FLEET" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--fleet", "/nonexistent/x", "models"], "there is no fleet at /nonexistent/x"),
        (["--fleet", "nosuch://x", "models"], "cannot open nosuch://x"),
    ],
)
def test_a_fleet_that_cannot_be_opened_exits_with_1(cli, arguments, told):
    code, _, err = cli(*arguments)

    assert code == 1
    assert told in err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("gone.csv", None, "there is no file"),
        ("models.xlsx", "x", "cannot tell the format"),
        ("models.parquet", "x", "cannot read"),
        ("models.csv", "model,onwer\na,x\n", "did you mean 'owner'"),
        ("models.csv", "model\na\n", "you need the column 'version'"),
    ],
)
def test_a_file_that_cannot_be_registered_says_why_and_writes_nothing(
    on, fleet, tmp_path, name, content, told
):
    before = fleet.events().collect().height
    if content is not None:
        (tmp_path / name).write_text(content)
    code, _, err = on("register", str(tmp_path / name))

    assert code in {1, 2}
    assert told in err
    assert fleet.events().collect().height == before


def test_every_model_failing_exits_with_1(on, tmp_path):
    (tmp_path / "holdout.parquet").unlink()
    code, out, _ = on("evaluate")

    assert code == 1
    assert "0 of 6 models evaluated" in out


def test_names_cannot_steer_the_terminal(cli, tmp_path):
    """A tag may hold anything; what is printed may not hold escape sequences."""
    from argosy import open as open_fleet

    fleet = open_fleet(str(tmp_path / "odd"), create=True)
    fleet.register([{"model": "a", "version": "1", "tags": {"k": "\x1b[31mred"}}])
    out = cli("--fleet", fleet.url, "models")[1]

    assert "\x1b" not in out


def test_every_command_that_reads_a_table_takes_its_text_as_it_is_written(cli, tmp_path):
    """F04, apache/arrow#39660: `007` is the name of a model, wherever a CSV names it."""
    rows = tmp_path / "rows.csv"
    rows.write_text("k,t\n007,1\n")
    url = str(tmp_path / "new")

    def on(name, text, *command):
        (tmp_path / name).write_text(text)
        code, out, err = cli("--fleet", url, *command, str(tmp_path / name))
        assert code == 0, err
        return out

    cli("--fleet", url, "init")
    template = {"template": "1.0", "trainer": "sklearn", "params": {"estimator": "Ridge"}}
    on("defined.jsonl", json.dumps(template), "define")
    on("instances.csv", "model,tier\n007,2\n", "instantiate", "1.0")
    on("models.csv", "model,version\n007,1.10\n", "register")
    on("bound.csv", f'role,url,model,key\ntruth,{rows},"007",k\n', "bind")

    told = json.loads(cli("--fleet", url, "sql", "SELECT * FROM versions", "--json")[1])
    models = json.loads(cli("--fleet", url, "sql", "SELECT * FROM models", "--json")[1])
    assert [(row["model"], row["version"]) for row in told] == [("007", "1.10")]
    assert [(row["model"], row["template"], row["tier"]) for row in models] == [("007", "1.0", 2)]
