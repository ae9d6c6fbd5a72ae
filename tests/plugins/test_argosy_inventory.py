"""Lists of models: in under any column names, out and in again as they were."""

from __future__ import annotations

import string

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import argosy
from argosy.errors import BadInput, UnknownName
from argosy.plugins import installed
from argosy.plugins.settings import using
from argosy.testing.exporters import ExporterSuite
from argosy.testing.importers import ImporterSuite
from argosy_exchange.exchange import bring, take

WRITERS = {
    ".csv": pl.DataFrame.write_csv,
    ".parquet": pl.DataFrame.write_parquet,
    ".jsonl": pl.DataFrame.write_ndjson,
    ".arrow": pl.DataFrame.write_ipc,
}
READERS = {
    ".csv": lambda path: pl.read_csv(path, infer_schema=False),
    ".parquet": pl.read_parquet,
    ".jsonl": pl.read_ndjson,
    ".arrow": pl.read_ipc,
}


class Imports(ImporterSuite):
    name = "inventory"
    carries = ("owner", "team")

    def write(self, listed, path):
        WRITERS[self.suffix](listed, path)


class TestImportsCsv(Imports):
    suffix = ".csv"


class TestImportsParquet(Imports):
    suffix = ".parquet"


class TestImportsJsonLines(Imports):
    suffix, keeps_empty = ".jsonl", False


class TestImportsArrow(Imports):
    suffix = ".arrow"


class Exports(ExporterSuite):
    name = "inventory"

    def models(self, path):
        if not path.stat().st_size:
            return []  # JSON lines of nothing
        return READERS[self.suffix](path)["model"].to_list()


class TestExportsCsv(Exports):
    suffix = ".csv"


class TestExportsParquet(Exports):
    suffix = ".parquet"


class TestExportsJsonLines(Exports):
    suffix = ".jsonl"


class TestExportsArrow(Exports):
    suffix = ".arrow"


def read(path, **told):
    """What the importer makes of a list, with options."""
    with using({"inventory": told}):
        return pl.DataFrame(installed().importers["inventory"].read(str(path), {}))


@pytest.fixture
def wiki(tmp_path):
    """A list as somebody's wiki has it."""
    path = tmp_path / "wiki.csv"
    path.write_text(
        "name,rev,contact,tier,region,format,notes\n"
        "churn,1.10,ann,2,eu,slides,old\n"
        "fraud,,bo,,,slides,\n"
    )
    return path


CALLED = {"model": "name", "version": "rev", "owner": "contact", "format": ""}


class TestColumns:
    def test_a_list_comes_in_under_its_own_column_names(self, wiki):
        found = read(wiki, columns=CALLED, tags=["region"], version="1")

        assert [
            {
                "model": "churn",
                "version": "1.10",
                "owner": "ann",
                "tier": "2",
                "tags": {"region": "eu"},
            },
            {"model": "fraud", "version": "1", "owner": "bo", "tier": None, "tags": None},
        ] == found.select("model", "version", "owner", "tier", "tags").to_dicts()
        assert "format" not in found.columns
        assert "notes" not in found.columns

    def test_no_column_is_guessed(self, wiki):
        """A column that is called `name` may be the name of anything."""
        with pytest.raises(BadInput, match="no column 'model'; say which .* It has name, rev"):
            read(wiki)

    def test_a_version_can_be_given_to_all(self, wiki):
        assert ["7", "7"] == read(wiki, columns={"model": "name"}, version="7")["version"].to_list()

    def test_without_a_version_the_way_out_is_told(self, wiki):
        with pytest.raises(BadInput, match="no column 'version'.*inventory.version"):
            read(wiki, columns={"model": "name"})

    @pytest.mark.parametrize(
        ("told", "reason"),
        [
            ({"columns": {"modl": "name"}}, "no column of a registration is called 'modl'"),
            ({"columns": {"model": "nam"}}, "is called 'nam'; did you mean 'name'?"),
            ({"columns": CALLED, "tags": ["regio"]}, "did you mean 'region'?"),
        ],
    )
    def test_a_column_that_does_not_exist_is_refused(self, told, reason, wiki):
        with pytest.raises(UnknownName) as refused:
            read(wiki, **told)

        assert reason in str(refused.value)

    def test_options_can_be_written_on_one_line(self, wiki):
        """As the environment and the command line have them."""
        found = read(wiki, columns="model=name, version=rev, format=", tags="region", version="1")

        assert ["churn", "fraud"] == found["model"].to_list()

    def test_a_line_that_maps_nothing_is_refused(self, wiki):
        with pytest.raises(BadInput, match="'name' names no column of the list"):
            read(wiki, columns="name")

    def test_nested_columns_need_a_format_that_has_them(self, tmp_path):
        rows = pl.DataFrame({"model": "a", "version": "1", "params": '{"depth": 3}'})
        rows.write_csv(tmp_path / "list.csv")
        rows.with_columns(params=pl.struct(depth=pl.lit(3))).write_ndjson(tmp_path / "list.jsonl")

        with pytest.raises(BadInput, match="'params' of .* is text.*JSON lines"):
            read(tmp_path / "list.csv")
        assert {"depth": 3} == read(tmp_path / "list.jsonl")["params"][0]

    def test_tags_are_told_in_one_way(self, tmp_path):
        rows = pl.DataFrame({"model": "a", "version": "1", "tags": [{"a": "b"}], "tags.c": "d"})
        rows.write_parquet(tmp_path / "list.parquet")

        with pytest.raises(BadInput, match="leave the first out"):
            read(tmp_path / "list.parquet")
        assert {"c": "d"} == read(tmp_path / "list.parquet", columns={"tags": ""})["tags"][0]

    def test_lines_of_other_lengths_are_told_in_plain_words(self, tmp_path):
        """As `argosy register` tells them."""
        path = tmp_path / "list.csv"
        path.write_text("model,version\na,1,x\n")
        with pytest.raises(BadInput, match="line 2 of .* has 3 fields, and its first line names 2"):
            read(str(path))

    @pytest.mark.parametrize("name", ["list", "list.xlsx"])
    def test_another_format_is_refused(self, name, tmp_path, empty):
        for call in (lambda to: read(to), lambda to: take(empty, "inventory", to)):
            with pytest.raises(BadInput, match="name a file that ends in"):
                call(str(tmp_path / name))


class TestExport:
    def test_an_export_tells_aliases_and_the_last_verdict(self, fleet, tmp_path):
        fleet.set_alias(fleet.where("model = 'm1'"), "champion")
        fleet.check_drift()
        take(fleet, "inventory", str(tmp_path / "list.csv"))
        rows = {row["model"]: row for row in pl.read_csv(tmp_path / "list.csv").to_dicts()}

        assert [1, None] == [rows[name]["aliases.champion"] for name in ("m1", "m2")]
        assert [False, True] == [rows[name]["drifted"] for name in ("m1", "m2")]
        assert rows["m2"]["worst_column"] == "size"
        assert rows["m0"]["tags.region"] == "us"

    def test_a_write_that_fails_leaves_the_older_export(self, fleet, tmp_path, monkeypatch):
        path = tmp_path / "list.csv"
        path.write_text("old")

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("pathlib.Path.replace", full)

        with pytest.raises(BadInput, match="No space left on device"):
            take(fleet, "inventory", str(path), overwrite=True)
        assert path.read_text() == "old"
        assert not list(tmp_path.glob(".*"))


WORD = st.text(
    st.characters(exclude_categories=["C"], include_characters="\t\n\r\x1b\u202e\",'<>;=\\"),
    max_size=12,
)
NAME = st.text(
    string.ascii_letters + string.digits + " .,;'\"<&é字🚢-", min_size=1, max_size=12
).filter(lambda name: name == name.strip() and name not in {".", ".."})
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "model": NAME,
            "version": NAME,
            "owner": st.none() | NAME,
            "team": st.none() | NAME,
            "purpose": st.none() | WORD,
            "tier": st.none() | st.integers(1, 4),
            "tags": st.dictionaries(NAME, WORD, max_size=3),
        }
    ),
    min_size=1,
    max_size=6,
    unique_by=(lambda row: row["model"]),
)
SAME = ("model", "newest_version", "owner", "team", "purpose", "tier")


@pytest.mark.parametrize("ending", WRITERS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS)
@example(rows=[{"model": "*", "version": "^1$", "tags": {"*": "^a$", "^a$": "*"}}])
def test_what_is_exported_and_imported_is_the_same_fleet(rows, ending, tmp_path_factory):
    """Whatever the names, owners and tags hold; no tags and no value of tags are one thing."""
    folder = tmp_path_factory.mktemp("round")
    fleets = [argosy.open(str(folder / name), create=True) for name in ("old", "new")]
    fleets[0].register(rows)
    take(fleets[0], "inventory", str(folder / f"list{ending}"))
    bring(fleets[1], "inventory", str(folder / f"list{ending}"))
    old, new = (fleet.models().collect() for fleet in fleets)

    assert old.select(SAME).rows() == new.select(SAME).rows()
    assert [tags or None for tags in old["tags"].to_list()] == [
        tags or None for tags in new["tags"].to_list()
    ]
