"""Models come in through importers and tables go out through exporters, whoever wrote them."""

from __future__ import annotations

import json
import time

import polars as pl
import pyarrow as pa
import pytest

from argosy.errors import BadInput, PluginError, RowsRefused
from argosy.plugins import Offered, Plugin, installed
from argosy.types import Exporter, Importer
from argosy_cli.main import run
from argosy_exchange.exchange import bring, listed, take

LISTED = pa.table({"model": ["a", "b"], "version": ["1", "1"], "owner": ["ann", "bo"]})


@pytest.fixture
def offer(monkeypatch):
    """Have a stranger's plugin offer one importer or exporter, `wiki`."""

    def offer(value):
        kind = "importers" if isinstance(value, Importer) else "exporters"
        known = installed()
        given = Offered(kind.removesuffix("s"), ())
        given.update({**getattr(known, kind), value.name: value})
        stranger = Plugin("wiki", "argosy-wiki", "2.1", "loaded", None, (), 1.0)
        given.givers = {**getattr(known, kind).givers, value.name: stranger}
        monkeypatch.setitem(known.__dict__, kind, given)

    return offer


def importing(answer):
    return Importer("wiki", "Our wiki.", lambda url, options: answer)


def exporting(write, wanted=("fleet",)):
    return Exporter("wiki", "Our wiki.", wanted, write)


class TestImport:
    def test_what_an_importer_lists_is_registered_in_one_change(self, empty, offer):
        offer(importing(LISTED))

        assert ["registered", "registered"] == bring(empty, "wiki", "x")["outcome"].to_list()
        assert ["ann", "bo"] == empty.models().collect()["owner"].to_list()
        assert 1 == empty.events().collect()["seq"].n_unique()

    def test_one_bad_row_refuses_the_whole_list(self, empty, offer):
        offer(importing(pa.table({"model": ["a", "b/c"], "version": ["1", "1"]})))

        with pytest.raises(RowsRefused) as refused:
            bring(empty, "wiki", "x")
        assert ["held back", "refused"] == refused.value.outcomes["outcome"].to_list()
        assert empty.models().collect().is_empty()

    def test_a_dry_run_tells_the_difference_and_writes_nothing(self, empty, offer):
        offer(importing(LISTED))

        assert "ann" in bring(empty, "wiki", "x", dry_run=True)["new"].to_list()
        assert empty.models().collect().is_empty()

    def test_the_importer_gets_an_absolute_path(self, offer, tmp_path, monkeypatch):
        asked = []
        offer(Importer("wiki", "w", lambda url, options: asked.append((url, options)) or LISTED))
        monkeypatch.chdir(tmp_path)
        listed("wiki", "list.json")
        listed("wiki", "s3://lists/list.json", {"key": "k"})

        assert (str(tmp_path / "list.json"), {}) == asked[0]
        assert "s3://lists/list.json" == asked[1][0]
        assert "k" == asked[1][1]["aws_access_key_id"]

    @pytest.mark.parametrize(
        ("read", "reason"),
        [
            (lambda *_: 1 / 0, "failed: ZeroDivisionError: division by zero"),
            (lambda *_: [{"model": "a"}], "answered with a list, not with a Table"),
            (lambda *_: None, "answered with a NoneType, not with a Table"),
            (lambda *_: time.sleep(60), "was given up after 0.2 s"),
        ],
    )
    def test_an_importer_that_fails_is_named(self, read, reason, empty, offer, monkeypatch):
        monkeypatch.setenv("ARGOSY_CORE__TIME_LIMIT", "0.2" if "given up" in reason else "60")
        offer(Importer("wiki", "Our wiki.", read))

        with pytest.raises(PluginError) as failed:
            bring(empty, "wiki", "x")
        assert "the importer 'wiki' (plugin 'wiki' of argosy-wiki 2.1) " + reason in str(
            failed.value
        )
        assert empty.models().collect().is_empty()

    @pytest.mark.parametrize(
        "table", [pa.table({"model": ["a"]}), LISTED.append_column("colour", [["red", "red"]])]
    )
    def test_a_table_that_cannot_be_registered_names_the_importer(self, table, empty, offer):
        offer(importing(table))

        with pytest.raises(BadInput, match="what the importer 'wiki' .* cannot be registered: "):
            bring(empty, "wiki", "x")

    def test_what_is_wrong_with_the_list_is_not_blamed_on_the_plugin(self, empty, tmp_path):
        with pytest.raises(BadInput, match=r"^there is no file .*absent.csv"):
            bring(empty, "inventory", str(tmp_path / "absent.csv"))


class TestExport:
    def test_an_exporter_gets_the_tables_that_it_asks_for(self, fleet, offer):
        got = {}
        offer(exporting(lambda tables, url, options: got.update(tables), ("models", "aliases")))

        assert {"models": 6, "aliases": 0} == take(fleet, "wiki", "wiki://page")
        assert {"models", "aliases"} == set(got)
        assert all(isinstance(table, pa.Table) for table in got.values())

    def test_the_past_can_be_exported(self, fleet, offer):
        before = fleet.seq
        fleet.register({"model": ["later"], "version": ["1"]})
        offer(exporting(lambda *_: None))

        assert {"fleet": 7} == take(fleet, "wiki", "wiki://page")
        assert {"fleet": 6} == take(fleet.as_of(before), "wiki", "wiki://page")

    def test_what_exists_is_not_overwritten_unless_told(self, fleet, tmp_path):
        path = tmp_path / "list.csv"
        path.write_text("precious")

        with pytest.raises(BadInput, match=r"list.csv exists; .* --overwrite"):
            take(fleet, "inventory", str(path))
        assert "precious" == path.read_text()
        assert {"fleet": 6} == take(fleet, "inventory", str(path), overwrite=True)
        assert "precious" not in path.read_text()

    def test_an_unknown_table_is_refused_before_anything_is_written(self, fleet, offer):
        offer(exporting(lambda *_: pytest.fail("was called"), ("modls",)))

        with pytest.raises(PluginError, match="argosy-wiki 2.1.* asks for the table 'modls'"):
            take(fleet, "wiki", "wiki://page")

    @pytest.mark.parametrize(
        ("write", "reason"),
        [
            (lambda *_: 1 / 0, "failed: ZeroDivisionError"),
            (lambda *_: "done", "answered with a str, not with a NoneType"),
            (lambda tables, *_: tables.update(fleet=None), "failed: AttributeError"),
            (lambda *_: time.sleep(60), "was given up after 0.2 s"),
        ],
    )
    def test_an_exporter_that_fails_is_named(self, write, reason, fleet, offer, monkeypatch):
        monkeypatch.setenv("ARGOSY_CORE__TIME_LIMIT", "0.2" if "given up" in reason else "60")
        offer(exporting(write))

        with pytest.raises(PluginError) as failed:
            take(fleet, "wiki", "wiki://page")
        assert f"the exporter 'wiki' (plugin 'wiki' of argosy-wiki 2.1) {reason}" in str(
            failed.value
        )


class TestCommands:
    def test_a_list_comes_in_and_goes_out(self, empty, tmp_path, capsys):
        (tmp_path / "list.csv").write_text("model,version\na,1\nb,1\n")
        at = ["--fleet", empty.url]

        assert 0 == run([*at, "import", "inventory", str(tmp_path / "list.csv"), "--reason", "q4"])
        assert "2 registered\n" == capsys.readouterr().out
        assert ["q4"] == empty.events().collect()["reason"].unique().to_list()
        again = [*at, "import", "inventory", str(tmp_path / "list.csv"), "--skip-existing"]
        assert 0 == run(again)
        assert "2 skipped\n" == capsys.readouterr().out
        assert 0 == run([*at, "export", "inventory", str(tmp_path / "out.csv")])
        assert f"{tmp_path / 'out.csv'}: fleet (2 rows)\n" == capsys.readouterr().out

    def test_a_script_gets_json(self, empty, tmp_path, capsys):
        (tmp_path / "list.csv").write_text("model,version\na,1\n")
        at, out = ["--json", "--fleet", empty.url], str(tmp_path / "out.csv")

        assert 0 == run([*at, "import", "inventory", str(tmp_path / "list.csv")])
        assert ["registered"] == [row["outcome"] for row in json.loads(capsys.readouterr().out)]
        assert 0 == run([*at, "export", "inventory", out])
        told = json.loads(capsys.readouterr().out)
        assert {"export": "inventory", "url": out, "tables": {"fleet": 1}} == told

    def test_a_dry_run_shows_what_would_change(self, empty, tmp_path, capsys):
        (tmp_path / "list.csv").write_text("model,version\na,1\n")
        asked = ["import", "inventory", str(tmp_path / "list.csv"), "--dry-run"]

        assert 0 == run(["--fleet", empty.url, *asked])
        assert "nothing was written" in capsys.readouterr().out
        assert empty.models().collect().is_empty()

    def test_an_auditor_exports_the_past(self, fleet, tmp_path):
        before, out = fleet.seq, str(tmp_path / "out.csv")
        fleet.register({"model": ["later"], "version": ["1"]})

        assert 0 == run(["--fleet", fleet.url, "--as-of", str(before), "export", "inventory", out])
        assert "later" not in pl.read_csv(out)["model"]

    @pytest.mark.parametrize("command", ["import", "export"])
    def test_without_a_name_they_list_what_is_offered(self, command, capsys):
        assert 0 == run(["--json", command])
        rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}

        assert "inventory" == rows["inventory"]["plugin"]
        assert rows["inventory"]["summary"]

    @pytest.mark.parametrize("command", ["import", "export"])
    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (["inventori", "x"], "is called 'inventori'; did you mean 'inventory'?"),
            (["inventory"], "give a URL or a path after 'inventory'"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, command, arguments, reason, empty, capsys):
        assert 2 == run(["--fleet", empty.url, command, *arguments])
        assert reason in capsys.readouterr().err

    def test_overwriting_takes_a_word(self, fleet, tmp_path, capsys):
        out = tmp_path / "out.csv"
        out.write_text("precious")
        asked = ["--fleet", fleet.url, "export", "inventory", str(out)]

        assert 2 == run(asked)
        assert "exists" in capsys.readouterr().err
        assert 0 == run([*asked, "--overwrite"])
