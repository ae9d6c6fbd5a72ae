"""A folder in a bucket is the table that it would be on this machine, in every format."""

import polars as pl
import pytest

import argosy
from argosy_files.scanning import PARQUET

SOUND = pl.DataFrame({"t": [0, 1] * 20, "p": [0, 1] * 20})
OTHER = pl.DataFrame({"t": [1, 1] * 20, "p": [0, 1] * 20})
WRITE = {
    "parquet": pl.DataFrame.write_parquet,
    "arrow": pl.DataFrame.write_ipc,
    "csv": pl.DataFrame.write_csv,
    "jsonl": pl.DataFrame.write_ndjson,
}
TEXT = "t;p\n" + "0;0\n1;1\n" * 20
CASES = {
    "two files": ({"a": SOUND, "b": OTHER}, "", {}),
    "a slash behind it": ({"a": SOUND, "b": OTHER}, "/", {}),
    "what writers leave": ({"a": SOUND, "_SUCCESS": b"", "_t/x": OTHER, "read.me": b"hi"}, "", {}),
    "folders below": ({"k=007/a": SOUND, "k=010/b": OTHER, "_SUCCESS": b""}, "", {}),
    "another column": ({"a": SOUND, "b": OTHER.with_columns(z=1)}, "", {}),
    "other types": ({"a": SOUND, "b": OTHER.cast(pl.Float64) + 0.5}, "", {}),
    "a bracket in its name": ({"copy[1]": SOUND, "copy1": OTHER}, "/copy[1].{form}", {}),
}  # fmt: skip
TEXTS = {
    "semicolons": (TEXT.encode(), {}),
    "a mark": (TEXT.encode("utf-16"), {}),
    "an encoding": (("é;" + TEXT).replace("\n", "\n0;").encode("latin-1"), {"encoding": "latin-1"}),
}


def said(fleet, url, form, more):
    fleet.register({"model": ["m"], "version": ["1"]}, existing="skip")
    bound = {"role": "holdout", "url": url, "format": form, "truth": "t", "prediction": "p", **more}
    fleet.bind([bound])
    return fleet.evaluate().results().drop("run_id", "at", "dataset", strict=False).select(
        "metric", "value", "n", "status"
    ).rows()  # fmt: skip


@pytest.fixture
def both(bucket, tmp_path, request):
    """Ask a fleet on this machine, and one in a bucket, of the same files."""
    s3fs = pytest.importorskip("s3fs")
    files, root = s3fs.S3FileSystem(**bucket), f"ships/{abs(hash(request.node.name))}"
    here = argosy.open(str(tmp_path / "fleet"), create=True)
    there = argosy.open(f"s3://{root}/fleet", create=True, storage_options=bucket)

    def ask(contents, form, suffix, more):
        for name, content in contents.items():
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path = path.with_name(f"{path.name}.{form}")
                WRITE[form](content, path)
            files.put_file(str(path), f"{root}/data/{path.relative_to(tmp_path / 'data')}")
        end = "data" + suffix.format(form=form)
        return said(here, f"{tmp_path}/{end}", form, more), said(
            there, f"s3://{root}/{end}", form, more
        )

    return ask


@pytest.mark.parametrize("form", WRITE)
@pytest.mark.parametrize("case", CASES)
def test_a_folder_in_a_bucket_is_what_it_is_here(both, case, form):
    here, there = both(CASES[case][0], form, *CASES[case][1:])

    assert here == there


@pytest.mark.parametrize("case", TEXTS)
def test_text_in_a_bucket_is_written_as_it_says(both, case):
    content, more = TEXTS[case]

    here, there = both({"a.csv": content}, "csv", "/a.csv", more)

    assert here == there


def test_files_have_the_values_of_their_own_folders_whatever_else_lies_there(tmp_path):
    """A file that a writer left beside them gave all rows the value of the first folder."""
    for key in ("1", "2"):
        (tmp_path / f"k={key}").mkdir()
        pl.DataFrame({"x": [int(key)] * 2}).write_parquet(tmp_path / f"k={key}" / "a.parquet")
    (tmp_path / "_SUCCESS").write_bytes(b"")

    assert [(1, 1), (1, 1), (2, 2), (2, 2)] == PARQUET.scan(str(tmp_path), {}).collect().rows()
