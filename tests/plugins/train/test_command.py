"""The command line defines templates, makes their models and trains them."""

import json

import polars as pl
import pytest

from argosy_cli.main import run as argosy_command

from .clients import shop


@pytest.mark.filterwarnings("default")
def test_the_command_line_does_all_of_it(tmp_path, capsys):
    def cli(*arguments):
        code = argosy_command(["--fleet", url, *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    url = str(tmp_path / "fleet")
    rows = pl.DataFrame({"client": ["a", "b"] * 10, "x": range(20)})
    rows.write_parquet(tmp_path / "rows.parquet")
    told = shop(template="shop", schedule="1d", effect_delay="1w")
    (tmp_path / "templates.jsonl").write_text(json.dumps(told[0]))
    pl.DataFrame({"model": ["a", "b", "c"]}).write_csv(tmp_path / "models.csv")
    bound = {"role": "training", "url": str(tmp_path / "rows.parquet"), "key": "client"}
    (tmp_path / "bind.jsonl").write_text(json.dumps(bound))

    cli("init")
    assert "no template is defined" in cli("templates")[1]
    code, out, err = cli("define", str(tmp_path / "templates.jsonl"))
    assert (code, out) == (0, "1 defined\n")
    assert "warning: cadence warning" in err
    files = str(tmp_path / "models.csv")
    assert cli("instantiate", "shop", files)[1] == "3 instantiated\n"
    assert cli("instantiate", "shop", files)[0] == 1
    assert cli("instantiate", "shop", files, "--skip-existing")[1] == "3 skipped\n"
    assert cli("instantiate", "shup", files)[0] == 2
    assert json.loads(cli("templates", "--json")[1])[0]["models"] == 3
    assert cli("bind", str(tmp_path / "bind.jsonl"))[0] == 0
    assert "3 models in" in cli("train", "--explain")[1]
    code, out, _ = cli("train", "--group", "night")
    assert (code, "2 of 3 models trained, 1 failed" in out) == (4, True)
    code, out, _ = cli("train", "--json", "--where", "model = 'a'", "--alias", "")
    assert (code, json.loads(out)["ok"]) == (0, 1)
    assert cli("train", "--where", "model = 'c'")[0] == 1
    assert cli("train", "--where", "model = 'nobody'")[0] == 2
    assert cli("train", "--executor", "nowhere")[0] == 2
    assert json.loads(cli("sql", "SELECT COUNT(*) AS n FROM trainings", "--json")[1]) == [{"n": 5}]
    assert cli("undefine", "shop")[0] == 1
    assert cli("undefine", "other")[0] == 1
