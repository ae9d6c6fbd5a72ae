"""JSON lines read as few large files: each gives what it gives by itself, or is left out."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from argosy.plugins import installed
from argosy_files import joined

LINES = st.sampled_from(
    [
        '{"a":1,"b":"x"}\n',
        '{"a":1.5,"b":"x"}\n',
        '{"a":2.0,"b":"y:\\""}\n',
        '{"a": 1, "b": "x"}\n',
        '{"a" :1,"b" :"x"}\r\n',
        '{"a":null,"b":"x"}\n',
        '{"b":"x","a":1}\n',
        '{"a":1}\n',
        '{"a":1,"c":null}\n',
        '{"a":1,"b":"x","c":2}\n',
        '{"a":"1","b":"x"}\n',
        '{"a":true,"b":"x"}\n',
        '{"a":{"d":1},"b":"x"}\n',
        '{"a":1,"b":"x"}',
        "\n",
        " \n",
    ]
)
FILES = st.lists(st.lists(LINES, min_size=1, max_size=4).map("".join), min_size=2, max_size=5)


@settings(max_examples=200)
@given(FILES, st.booleans())
def test_files_read_as_one_give_what_each_gives_alone(files, tiny):
    """Names that lack, that are more, or in another order; types that show late; empty lines."""
    source = installed().sources["jsonl"]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(joined, "_BATCH", 4 if tiny else joined._BATCH)
        paths = [f"{folder}/{number}.jsonl" for number in range(len(files))]
        for path, content in zip(paths, files, strict=True):
            Path(path).write_text(content, newline="")
        for group in source.scan_files(paths, {}, "path"):
            for path in group.urls:
                own = group.rows.lazy().filter(pl.col("path") == path).drop("path").collect()
                assert_frame_equal(source.scan(path, {}).collect(), own)


@pytest.mark.parametrize("last", ['{"a":1,"b":"x"}\n', '{"a":1,"b":"x"}\n\n\n', '{"a":1,"b":"x"}'])
def test_files_that_are_alike_are_one_group(last, tmp_path):
    paths = []
    for number in range(5):
        paths.append(str(tmp_path / f"{number}.jsonl"))
        Path(paths[-1]).write_text('{"a":2,"b":"y"}\n' * number + last)
    (group,) = installed().sources["jsonl"].scan_files(paths, {}, "path")

    assert tuple(paths) == group.urls
    assert group.rows["path"].cast(pl.String).value_counts(sort=True)["count"][0] == 5


def test_one_broken_file_leaves_the_others_together(tmp_path):
    paths = []
    for number in range(9):
        paths.append(str(tmp_path / f"{number}.jsonl"))
        Path(paths[-1]).write_text('{"a":1}\n' if number != 4 else '{"a":\n')
    (group,) = installed().sources["jsonl"].scan_files(paths, {}, "path")

    assert [*paths[:4], *paths[5:]] == list(group.urls)
