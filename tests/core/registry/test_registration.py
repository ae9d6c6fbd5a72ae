"""Registering versions: all of a table, or none of it."""

import polars as pl
import pyarrow as pa
import pytest

import argosy
from argosy.artifacts import digest_of
from argosy.errors import BadInput, RowsRefused, UnknownName


def table(*names, **columns):
    return pl.DataFrame({"model": list(names), "version": ["1"] * len(names), **columns})


def test_a_table_is_one_commit_with_an_outcome_per_row(empty):
    outcomes = empty.register(table("a", "b", "c"))

    assert outcomes.rows() == [(name, "1", "registered", None) for name in "abc"]
    assert empty.events().select("seq").collect()["seq"].unique().to_list() == [1]


def test_arrow_tables_and_rows_are_taken_like_frames(empty):
    empty.register(pa.table({"model": ["a"], "version": [1]}))
    empty.register([{"model": "b", "version": "2"}])

    assert empty.versions().select("model", "version").collect().rows() == [("a", "1"), ("b", "2")]


def test_a_version_never_changes_and_nothing_of_the_table_is_written(empty):
    empty.register(table("a"))

    with pytest.raises(RowsRefused, match="a 1 is registered already") as caught:
        empty.register(table("a", "b"))

    assert caught.value.outcomes["outcome"].to_list() == ["refused", "held back"]
    assert empty.models().collect()["model"].to_list() == ["a"]


def test_existing_versions_can_be_skipped(empty):
    empty.register(table("a"))

    outcomes = empty.register(table("a", "b"), existing="skip")

    assert outcomes["outcome"].to_list() == ["skipped", "registered"]


def test_skipping_everything_writes_no_commit(empty):
    empty.register(table("a"))
    empty.register(table("a"), existing="skip")

    assert empty.events().collect()["seq"].max() == 1


def test_a_key_that_stands_twice_in_the_table_is_refused(empty):
    with pytest.raises(RowsRefused, match="a 1 stands twice"):
        empty.register(table("a", "a"))

    assert empty.models().collect().is_empty()


@pytest.mark.parametrize(
    "name",
    ["", " a", "a ", "a/b", "a\\b", "..", "a@b", "a\nb", "a\x00b", "a\u202eb", "x" * 201, None],
)
def test_names_that_could_mislead_are_refused(empty, name):
    """Paths, control characters and text direction overrides have no place in a key."""
    with pytest.raises(RowsRefused, match="row 0: model"):
        empty.register(
            pl.DataFrame({"model": [name], "version": ["1"]}, schema_overrides={"model": pl.String})
        )


@pytest.mark.parametrize("name", ["prêt-à-risque", "模型 7", "a.b_c-d", "Ω"])
def test_unicode_names_are_fine(empty, name):
    empty.register(table(name))

    assert empty.models().collect()["model"].to_list() == [name]


def test_an_unknown_column_is_named_with_the_closest(empty):
    with pytest.raises(UnknownName, match="'onwer'; did you mean 'owner'"):
        empty.register(table("a", onwer=["x"]))


def test_a_missing_column_is_named(empty):
    with pytest.raises(BadInput, match="you need the column 'version'"):
        empty.register({"model": ["a"]})


@pytest.mark.parametrize(
    ("column", "value"),
    [("tier", "high"), ("version", 1.5), ("tags", "eu"), ("seed", "x"), ("team", ["a", "b"])],
)
def test_a_mistyped_column_is_named(empty, column, value):
    with pytest.raises(BadInput, match=f"the column '{column}' is"):
        empty.register(table("a").with_columns(pl.Series(column, [value])))


def test_a_table_of_no_rows_changes_nothing(empty):
    assert empty.register(table()).is_empty()
    assert empty.events().collect().is_empty()


@pytest.mark.parametrize("tier", [0, 5])
def test_a_tier_is_one_to_four(empty, tier):
    with pytest.raises(RowsRefused, match=f"tier {tier} is not 1"):
        empty.register(table("a", tier=[tier]))


def test_formats_that_run_code_are_refused(empty, tmp_path):
    (tmp_path / "m.pkl").write_bytes(b"\x80\x04.")
    rows = table("a", format=["pickle"], artifact=[str(tmp_path / "m.pkl")])

    with pytest.raises(RowsRefused, match="'pickle' runs code when it is opened"):
        empty.register(rows)


def test_an_unknown_format_lists_those_installed(empty):
    with pytest.raises(RowsRefused, match="'onnyx'; known: external, forecast, recommender, skops"):
        empty.register(table("a", format=["onnyx"], artifact=["x"], digest=["sha256:" + "0" * 64]))


def test_a_missing_artifact_is_named(empty, tmp_path):
    with pytest.raises(RowsRefused, match=r"there is no artifact at .*m\.skops"):
        empty.register(table("a", format=["skops"], artifact=[str(tmp_path / "m.skops")]))

    assert empty.models().collect().is_empty()


def test_a_missing_digest_is_computed(empty, tmp_path):
    (tmp_path / "m.skops").write_bytes(b"model")
    empty.register(table("a", format=["skops"], artifact=[str(tmp_path / "m.skops")]))

    assert empty.versions().collect()["digest"].item() == digest_of(b"model")


def test_a_digest_that_is_none_is_refused(empty):
    with pytest.raises(RowsRefused, match="is not sha256:"):
        empty.register(table("a", format=["skops"], artifact=["m"], digest=["md5:12"]))


@pytest.mark.parametrize("url", ["simplecache::s3://b/m", "s3://key:secret@b/m"])
def test_artifact_urls_that_could_escape_or_leak_are_refused(empty, url):
    with pytest.raises(BadInput, match="the URL"):
        empty.register(table("a", format=["skops"], artifact=[url]))


def test_the_error_never_repeats_credentials(empty):
    with pytest.raises(BadInput) as caught:
        empty.register(table("a", format=["skops"], artifact=["s3://key:secret@b/m"]))

    assert "secret" not in str(caught.value)


def test_a_new_version_keeps_what_is_known_of_the_model(empty):
    empty.register(table("a", team=["risk"], owner=["x"]))
    empty.register(pl.DataFrame({"model": ["a"], "version": ["2"], "owner": ["y"]}))

    model = empty.models().collect().row(0, named=True)
    assert ("risk", "y", "2", 2) == (
        model["team"],
        model["owner"],
        model["newest_version"],
        model["versions"],
    )


def test_tags_are_a_map_however_they_are_given(empty):
    empty.register(table("a", tags=[{"region": "eu", "rank": 3}]))
    empty.register(table("b", tags=[[{"key": "region", "value": "us"}]]))
    empty.register(table("c", tags=pl.Series([None], dtype=pl.Null)))

    tags = empty.models().collect()["tags"].to_list()
    assert [dict(row) if row else row for row in tags] == [
        {"region": "eu", "rank": "3"},
        {"region": "us"},
        None,
    ]


def test_features_may_be_plain_names(empty):
    empty.register(table("a", features=[["x", "y"]]))

    features = empty.versions().collect()["features"].item().to_list()
    assert [feature["name"] for feature in features] == ["x", "y"]


def test_ten_thousand_models_enter_at_once(empty):
    names = [f"m{number}" for number in range(10_000)]
    empty.register(pl.DataFrame({"model": names, "version": ["1"] * 10_000}))

    assert len(empty.where("model = 'm9999'")) == 1


def test_a_fleet_opened_elsewhere_sees_the_change(empty):
    other = argosy.open(empty.url)
    empty.register(table("a"))

    assert other.models().collect()["model"].to_list() == ["a"]
