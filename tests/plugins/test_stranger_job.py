"""The job of the guide, and one of ours, are held to what every job is held to."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from argosy.errors import PluginError, RowsRefused, UnknownName
from argosy.jobs.load import load
from argosy.plugins import installed
from argosy.store.fact_tables import fact_tables
from argosy.testing.fleets import logged_fleet
from argosy.testing.interference import stopping
from argosy.testing.jobs import JobSuite
from argosy.types import Conclusion, EntityKind, JobKind
from argosy.types.request import Request
from argosy_cli.main import run

GUIDE = (Path(__file__).parents[2] / "plugins/README.md").read_text()


class TestEvaluate(JobSuite):
    name = "evaluate"
    request = {"metrics": ["auc", "accuracy"], "slices": ["colour"]}
    refused = {"metrics": ["no such metric"], "bootstrap": 1}
    ray = False  # it is carried out there by tests/plugins/test_argosy_ray.py


@pytest.fixture
def offer(monkeypatch):
    """Offer a job as an installed plugin would, for the length of a test."""

    def put(load, name="sizes"):
        kind = JobKind(name, "Count the rows of each model's data.", load)
        monkeypatch.setitem(installed().jobs, name, kind)
        fact_tables.cache_clear()
        return kind

    yield put
    monkeypatch.undo()
    fact_tables.cache_clear()


@pytest.fixture
def guide(tmp_path, monkeypatch):
    """The module that the guide shows."""
    (source,) = re.findall(r"```python\n(# src/argosy_sizes/job.py\n.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "guide_sizes.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("guide_sizes", None)
    import guide_sizes

    return guide_sizes


@pytest.mark.parametrize(
    "test", [name for name in dir(JobSuite) if name.startswith("test_") and "ray" not in name]
)
def test_the_job_of_the_guide_passes_the_suite(test, guide, offer, tmp_path):
    """But for what needs it installed: workers in other processes."""
    if "worker_down" in test:
        return
    offer(lambda: guide.JOB)
    suite = type("Suite", (JobSuite,), {"name": "sizes", "request": {"least": 50}})()
    asked = getattr(suite, test)
    asked(tmp_path) if asked.__code__.co_argcount > 1 else asked()


def changed(guide, **changes):
    return lambda: replace(guide.JOB, **changes)


def unlike(table, **changes):
    return replace(table, **changes)


def nothing(chunk):
    return None


def as_frame(chunk):
    return {"sizes": pl.DataFrame(chunk.models).select("model", "version", status=pl.lit("ok"))}


def without_status(chunk):
    return {"sizes": chunk.models.select(["model", "version"])}


def misspelt(chunk):
    return {"size": chunk.models.select(["model", "version"])}


def with_more(chunk):
    rows = pl.DataFrame(chunk.models).select("model", "version", status=pl.lit("ok"), rowz=1)
    return {"sizes": rows.to_arrow()}


def of_another_type(chunk):
    rows = pl.DataFrame(chunk.models).select("model", "version", status=pl.lit("ok"))
    return {"sizes": rows.with_columns(rows=pl.lit("many")).to_arrow()}


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (nothing, "answered with a NoneType, not with a dict"),
        (as_frame, "a DataFrame as 'sizes', not with an Arrow table: return frame.to_arrow()"),
        (without_status, "a table 'sizes' without the column 'status'"),
        (misspelt, "a table 'size'; it has sizes"),
        (with_more, "has a column 'rowz', unlike its schema"),
        (of_another_type, "whose types are not those of its schema"),
    ],
)
def test_work_that_answers_something_else_ends_the_run(work, told, guide, offer, tmp_path):
    """By the name of the job, and nothing is committed."""
    offer(changed(guide, perform=work))
    fleet = logged_fleet(tmp_path / "fleet")
    before = fleet.seq
    with pytest.raises(PluginError, match=re.escape(told)) as refused:
        fleet.run("sizes")

    assert str(refused.value).startswith("the job 'sizes'")
    assert fleet.seq == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"perform": lambda chunk: {}}, "<lambda> cannot be imported by its name"),
        ({"tables": ()}, "with one table at least"),
        ({"request": dict}, "its request is no class"),
        ({"table": {"name": "Sizes"}}, "'Sizes' cannot name a table"),
        ({"table": {"name": "runs"}}, "'runs' cannot name a table"),
        ({"table": {"name": "ledger"}}, "'ledger' cannot name a table"),
        ({"table": {"name": "evaluations"}}, "argosy has one of that name with other columns"),
        ({"without": "reason"}, "has no column 'reason'"),
        ({"without": "run_id"}, "must have the column 'run_id' of type string"),
    ],
)
def test_a_job_that_cannot_be_carried_out_is_refused_at_once(changes, told, guide, offer, tmp_path):
    if "table" in changes:
        changes = {"tables": (unlike(guide.TABLE, **changes["table"]),)}
    if "without" in changes:
        left = [field for field in guide.TABLE.schema if field.name != changes["without"]]
        changes = {"tables": (unlike(guide.TABLE, schema=pa.schema(left)),)}
    offer(changed(guide, **changes))
    fleet = logged_fleet(tmp_path / "fleet")
    with pytest.raises(PluginError, match=re.escape(told)):
        fleet.run("sizes")

    assert fleet.runs().collect().is_empty()


def test_a_request_whose_types_are_not_there_is_told(guide, offer):
    """As where a linter moved their import beneath TYPE_CHECKING."""
    request = type("Asked", (Request,), {"__annotations__": {"data": "Roll"}, "data": "current"})
    offer(changed(guide, request=request))

    with pytest.raises(PluginError, match="its request names 'Roll', which is not there"):
        load("sizes")


def test_a_table_that_a_kind_of_entities_has_is_refused(guide, offer, tmp_path, monkeypatch):
    text = pa.schema([(name, pa.string()) for name in ("model", "size")])
    kind = EntityKind("size", "sizes", text, ("model",), "How large a model is.")
    monkeypatch.setitem(installed().entity_kinds, "size", kind)
    offer(lambda: guide.JOB)

    with pytest.raises(PluginError, match="brings a table 'sizes', and the kind of entity 'size'"):
        load("sizes")


def test_a_job_that_cannot_be_loaded_is_named_and_the_others_work(offer, tmp_path, capsys):
    def broken():
        raise ImportError("no module named 'sizes_of_yore'")

    offer(broken)
    fleet = logged_fleet(tmp_path)
    code = run(["--fleet", fleet.url, "sizes"])
    said = capsys.readouterr().err

    assert code == 1
    assert "the job 'sizes' cannot be loaded: ImportError: no module named 'sizes_of_yore'" in said
    with pytest.warns(UserWarning, match="its tables are unknown"):
        assert fleet.table("evaluations").collect().is_empty()


def test_an_unknown_job_is_told_with_those_there_are():
    with pytest.raises(UnknownName, match="no job is called 'evaluat'; did you mean 'evaluate'"):
        load("evaluat")


def test_a_run_is_not_carried_on_where_its_job_is_gone(guide, offer, tmp_path, monkeypatch):
    offer(lambda: guide.JOB)
    fleet = logged_fleet(tmp_path / "fleet")
    with stopping(after=0), pytest.raises(KeyboardInterrupt):
        fleet.run("sizes")
    [run_id] = fleet.unfinished()["run_id"]
    monkeypatch.delitem(installed().jobs, "sizes")

    with pytest.raises(UnknownName, match="no job is called 'sizes'"):
        fleet.resume(run_id)


def about_every_other(chunk):
    rows = pl.DataFrame(chunk.models).select("model", "version", status=pl.lit("ok"))
    return {"sizes": rows.gather_every(2).to_arrow()}


def test_a_model_without_an_answer_has_failed(guide, offer, tmp_path):
    """Nobody knows how it is, so nobody may take it for well."""
    offer(changed(guide, perform=about_every_other))
    fleet = logged_fleet(tmp_path, models=4)
    run = fleet.run("sizes")

    assert (run.summary["ok"], run.summary["failed"]) == (2, 2)
    assert set(run.failures()["reason"]) == {"the job answered no row for it"}


def noting(request, found):
    """Write the rows, and a note on each model, in the same change."""
    rows = pl.concat(found.answers.parts("sizes"))
    notes = rows.select("model", topic=pl.lit("size"), text=pl.format("{} rows", "rows"))
    return Conclusion({"sizes": rows}, failed=0, changes=lambda _: {"note": notes})


def test_a_job_writes_entities_of_a_plugins_kind_in_the_change_of_its_run(guide, offer, tmp_path):
    offer(changed(guide, conclude=noting))
    fleet = logged_fleet(tmp_path, models=2)
    before = fleet.seq
    run = fleet.run("sizes")
    change = fleet.events().filter(kind="note").select("seq").unique().collect()

    assert run.summary["ok"] == 2
    assert change["seq"].to_list() == [before + 1] == [fleet.seq]
    assert fleet.table("notes").select("model", "topic").collect().sort("model").rows() == [
        ("m0", "size"), ("m1", "size"),
    ]  # fmt: skip
    fleet.rollback(fleet.seq)
    assert fleet.table("notes").collect().is_empty()


def test_s18_6_what_a_job_writes_is_put_to_the_rules_of_its_kind(
    guide, offer, tmp_path, monkeypatch
):
    """As what `put` writes: nothing of the run is committed, and its job and the rows are named."""

    def refuse(rows, fleet):
        known = fleet.models().select("model", "newest_version").collect()
        odd = pl.DataFrame(rows).with_row_index("row").join(known, on="model").filter(model="m1")
        return odd.select("row", reason=pl.lit("it is frozen")).to_arrow()

    kinds = installed().entity_kinds
    monkeypatch.setitem(kinds, "note", replace(kinds["note"], refuse=refuse))
    offer(changed(guide, conclude=noting))
    fleet = logged_fleet(tmp_path, models=2)
    before = fleet.seq
    with pytest.raises(RowsRefused, match="be written by .*job 'sizes'") as refused:
        fleet.run("sizes")

    assert "note 'm1/size' cannot be written: it is frozen" in str(refused.value)
    assert fleet.seq == before
    assert fleet.table("notes").collect().is_empty()
    assert fleet.runs().collect().is_empty()
    monkeypatch.undo()
    offer(changed(guide, conclude=noting))
    fleet.run("sizes")
    assert fleet.table("notes").collect().height == 2
