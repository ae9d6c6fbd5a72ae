"""The suite for kinds of entities notices each fault, by the test that names it."""

from pathlib import Path
from tempfile import mkdtemp

import polars as pl
import pyarrow as pa

from argosy.plugins import installed
from argosy.testing.entity_kinds import EntityKindSuite
from argosy.types import EntityKind

from .faults import failed


def keep_signed(rows, fleet):
    signed = pl.DataFrame(rows).with_row_index("row").filter(text="signed")
    return signed.select("row", reason=pl.lit("it is signed")).to_arrow()


def test_a_faulty_kind_of_entity_is_noticed(tmp_path, monkeypatch):
    schema = pa.schema([("model", pa.string()), ("text", pa.string())])

    class Suite(EntityKindSuite):
        name = "odd"

        def rows(self):
            return [{"model": "a", "text": "x"}, {"model": "b", "text": "y"}]

        def refused(self):
            yield {"model": "c", "text": "z"}, "is no model"

        def outdate(self, fleet):
            fleet.retire({"model": ["a"]})
            return "its model is retired"

        def kept_back(self):
            yield {"model": "b", "text": "signed"}, "it is signed"

    def failed_with(refuse, summary="Odd things.", refuse_removal=keep_signed):
        kind = EntityKind("odd", "odds", schema, ("model",), summary, refuse, refuse_removal)
        monkeypatch.setitem(installed().entity_kinds, "odd", kind)
        return failed(Suite, Path(mkdtemp(dir=tmp_path)))

    def sound(rows, fleet):
        retired = fleet.state["model"].filter(retired=True)["model"].to_list()
        odd = pl.DataFrame(rows).with_row_index("row")
        odd = odd.filter(pl.col("model").is_in(["c", *retired]))
        unknown = pl.when(model="c").then(pl.lit("it is no model"))
        reason = unknown.otherwise(pl.lit("its model is retired"))
        return odd.select("row", reason=reason).to_arrow()

    def heedless(rows, fleet):
        odd = pl.DataFrame(rows).with_row_index("row").filter(model="c")
        return odd.select("row", reason=pl.lit("it is no model")).to_arrow()

    def all_of_them(rows, fleet):
        refused = pl.DataFrame(rows).with_row_index("row").select("row", reason=pl.lit("no"))
        return refused.to_arrow()

    def changing_its_mind(rows, fleet):
        asked.append(rows)
        return sound(rows, fleet) if len(asked) % 2 else sound(rows.slice(0, 0), fleet)

    asked = []
    assert failed_with(sound) == set()
    assert failed_with(sound, " ") == {"it_is_described"}
    assert failed_with(None) == {
        "what_it_refuses_is_told_and_not_written",
        "what_it_refuses_is_not_brought_back_by_a_rollback",
    }
    assert failed_with(heedless) == {"what_it_refuses_is_not_brought_back_by_a_rollback"}
    assert failed_with(sound, refuse_removal=None) == {
        "what_it_keeps_back_is_neither_removed_nor_rolled_back"
    }
    assert "what_is_written_is_read_as_it_was_given" in failed_with(all_of_them)
    assert "what_it_refuses_is_told_and_not_written" in failed_with(changing_its_mind)
