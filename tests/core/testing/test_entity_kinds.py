"""The suite for kinds of entities notices each fault, by the test that names it."""

from pathlib import Path
from tempfile import mkdtemp

import polars as pl
import pyarrow as pa

from argosy.plugins import installed
from argosy.testing.entity_kinds import EntityKindSuite
from argosy.types import EntityKind

from .faults import failed


def test_a_faulty_kind_of_entity_is_noticed(tmp_path, monkeypatch):
    schema = pa.schema([("model", pa.string()), ("text", pa.string())])

    class Suite(EntityKindSuite):
        name = "odd"

        def rows(self):
            return [{"model": "a", "text": "x"}, {"model": "b", "text": "y"}]

        def refused(self):
            yield {"model": "c", "text": "z"}, "is no model"

    def failed_with(refuse, summary="Odd things."):
        kind = EntityKind("odd", "odds", schema, ("model",), summary, refuse)
        monkeypatch.setitem(installed().entity_kinds, "odd", kind)
        return failed(Suite, Path(mkdtemp(dir=tmp_path)))

    def sound(rows, fleet):
        wrong = pl.DataFrame(rows).with_row_index("row").filter(model="c")
        return wrong.select("row", reason=pl.lit("it is no model")).to_arrow()

    def all_of_them(rows, fleet):
        refused = pl.DataFrame(rows).with_row_index("row").select("row", reason=pl.lit("no"))
        return refused.to_arrow()

    def changing_its_mind(rows, fleet):
        asked.append(rows)
        return sound(rows, fleet) if len(asked) % 2 else sound(rows.slice(0, 0), fleet)

    asked = []
    assert failed_with(sound) == set()
    assert failed_with(sound, " ") == {"it_is_described"}
    assert failed_with(None) == {"what_it_refuses_is_told_and_not_written"}
    assert "what_is_written_is_read_as_it_was_given" in failed_with(all_of_them)
    assert "what_it_refuses_is_told_and_not_written" in failed_with(changing_its_mind)
