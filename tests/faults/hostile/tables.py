"""Tables that are after something: each plants files below the fleet's roots, or leads out of them.

What can be told by its name is refused when it is bound. Everything else fails its model alone,
with the name of the file and a reason.
"""

import gzip
import os
import socket
import struct
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from .ground import Attack

ROWS = pl.DataFrame({"label": [0, 1] * 20, "score": [0.2, 0.9] * 20})
OUT = "leads out of the roots|outside of the roots"


def path_to(name):
    """Name what lies there, in place of planting anything."""
    return lambda ground: name.format(
        shared=ground.shared, private=ground.private, url=ground.url, port=ground.host.port
    )


def link(name, target):
    def plant(ground):
        path = ground.shared / name
        path.symlink_to(target.format(private=ground.private))
        return str(path)

    return plant


def folder_link(ground):
    (ground.shared / "behind").symlink_to(ground.private)
    return str(ground.shared / "behind" / "pay.parquet")


def partition_link(ground):
    (ground.shared / "hive" / "day=1").mkdir(parents=True)
    (ground.shared / "hive" / "day=1" / "x.parquet").symlink_to(ground.private / "pay.parquet")
    return str(ground.shared / "hive")


def second_name(ground):
    """A hard link to somebody else's file, as far as its owner is another one."""
    path = ground.shared / "second.parquet"
    os.link(ground.private / "pay.parquet", path)
    if os.getuid() == 0:
        os.chown(path, 65_534, 65_534)
    return str(path)


def fifo(ground):
    os.mkfifo(ground.shared / "fifo.csv")
    return str(ground.shared / "fifo.csv")


def socket_file(ground):
    here = Path.cwd()
    os.chdir(ground.shared)  # a socket's path must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("sock.csv")
    finally:
        os.chdir(here)
    return str(ground.shared / "sock.csv")


def sparse(ground):
    with (ground.shared / "sparse.csv").open("wb") as file:
        file.truncate(2**40)
    return str(ground.shared / "sparse.csv")


def written(name, content):
    def plant(ground):
        path = ground.shared / name
        path.write_bytes(content(ground) if callable(content) else content)
        return str(path)

    return plant


def parquet(change):
    """A Parquet file whose bytes are changed after it was written."""

    def content(ground):
        path = ground.shared / "whole.parquet"
        ROWS.write_parquet(path)
        return change(bytearray(path.read_bytes()))

    return content


def large_footer(content):
    content[-8:-4] = struct.pack("<I", 2**31 - 1)
    return bytes(content)


def nonsense_footer(content):
    (length,) = struct.unpack("<I", content[-8:-4])
    start = len(content) - 8 - length
    content[start : start + length] = b"\xff" * length
    return bytes(content)


def swapped_pages(content):
    half = len(content) // 2
    content[4:half] = reversed(content[4:half])
    return bytes(content)


def beginning(content):
    return bytes(content[:99])


def many_rows(ground):
    """A file of some kilobytes that says it has two thousand million rows."""
    path = ground.shared / "many.parquet"
    rows = pa.table({name: pa.nulls(2**22, pa.int8()) for name in ("label", "score")})
    with pq.ParquetWriter(path, rows.schema, compression="zstd") as writer:
        for _ in range(500):
            writer.write_table(rows)
    return str(path)


def wide(ground):
    path = ground.shared / "wide.csv"
    path.write_text(",".join(f"c{n}" for n in range(200_000)) + "\n" + ",".join(["1"] * 200_000))
    return str(path)


def ipc(change):
    def content(ground):
        path = ground.shared / "whole.arrow"
        ROWS.write_ipc(path)
        return change(bytearray(path.read_bytes()))

    return content


def bogus_offsets(content):
    where = content.index(struct.pack("<q", 40)) if struct.pack("<q", 40) in content else 64
    content[where : where + 8] = struct.pack("<q", 2**60)
    return bytes(content)


def delta(file):
    """A Delta table whose log names a file elsewhere."""

    def plant(ground):
        table = ground.shared / f"table-{abs(hash(file))}"
        ROWS.write_delta(table)
        (log,) = (table / "_delta_log").glob("*.json")
        (own,) = table.glob("*.parquet")
        told = file.format(private=ground.private, url=ground.url)
        log.write_text(log.read_text().replace(own.name, told))
        return str(table)

    return plant


TABLES = [
    Attack("a private file", path_to("{private}/pay.csv"), OUT),
    Attack("a way up", path_to("{shared}/../private/pay.csv"), "goes up at"),
    Attack("a hidden way up", path_to("{shared}/%2e%2e/private/pay.csv"), "percent signs"),
    Attack("one hidden twice", path_to("{shared}/%252e%252e/private/pay.csv"), "percent signs"),
    Attack(
        "a hidden slash", path_to("file://{shared}/..%2fprivate/pay.csv"), "percent signs|goes up"
    ),
    Attack("a backslash", path_to("file://{shared}/..\\private\\pay.csv"), "backslash"),
    Attack(
        "letters that look alike",
        path_to("{shared}/\uff0e\uff0e/private/pay.csv"),
        "nothing|No such|cannot",
    ),
    Attack("a semicolon", path_to("file://{shared}/;/../private/pay.csv"), "semicolon"),
    Attack("a NUL", path_to("{shared}/x\0/../../private/pay.csv"), "control"),
    Attack("the scheme FILE", path_to("FILE://{private}/pay.csv"), OUT),
    Attack("the scheme local", path_to("local://{private}/pay.csv"), OUT),
    Attack("a cache before it", path_to("simplecache::{private}/pay.csv"), "chains protocols"),
    Attack("another cache", path_to("filecache::{url}/pay.csv"), "chains protocols"),
    Attack("an archive", path_to("zip://pay.csv::file://{private}/x.zip"), "by the scheme"),
    Attack("an archive by itself", path_to("zip://{private}/x.zip"), "by the scheme"),
    Attack("references", path_to("reference://{private}/pay.csv"), "by the scheme"),
    Attack("a repository", path_to("git://{private}/pay.csv"), "by the scheme"),
    Attack("data in the URL", path_to("data://text/csv,label"), "by the scheme"),
    Attack("a shell on another host", path_to("ssh://127.0.0.1:{port}/pay.csv"), OUT),
    Attack("this machine", path_to("{url}/pay.csv"), OUT),
    Attack("where credentials are", path_to("http://169.254.169.254/latest/x.csv"), OUT),
    Attack("its address as a number", path_to("http://2852039166/latest/x.csv"), OUT),
    Attack("its address in version 6", path_to("http://[::ffff:a9fe:a9fe]/x.csv"), "chains"),
    Attack("credentials", path_to("s3://key:secret@bucket/x.csv"), "credentials"),
    Attack("another bucket", path_to("s3://other/x.csv"), OUT),
    Attack("a variable", path_to("$HOME/pay.csv"), "nothing|No such|cannot"),
    Attack("a link", link("one.csv", "{private}/pay.csv"), OUT),
    Attack("a link to a device", link("zero.csv", "/dev/zero"), OUT),
    Attack("a link to a process", link("own.csv", "/proc/self/environ"), OUT),
    Attack("a link to itself", link("loop.csv", "loop.csv"), "loop|cannot read|nothing|No such"),
    Attack("a folder that is a link", folder_link, OUT),
    Attack("a link in a partition", partition_link, OUT),
    Attack("a second name", second_name, "names and belongs to another"),
    Attack("a FIFO", fifo, "is a FIFO"),
    Attack("a socket", socket_file, "is a socket"),
    Attack("a hole of a terabyte", sparse, "core.largest_file"),
    Attack("a footer of two gigabytes", written("foot.parquet", parquet(large_footer)), "cannot"),
    Attack("a footer of nonsense", written("nons.parquet", parquet(nonsense_footer)), "cannot"),
    Attack("pages in reverse", written("page.parquet", parquet(swapped_pages)), "cannot"),
    Attack("a beginning alone", written("cut.parquet", parquet(beginning)), "cannot"),
    Attack("no Parquet at all", written("text.parquet", b"label,score\n1,1\n" * 9), "cannot"),
    Attack("offsets into nowhere", written("off.arrow", ipc(bogus_offsets)), "cannot"),
    Attack(
        "lengths into nowhere",
        written(
            "len.arrow",
            ipc(lambda whole: bytes(whole).replace(b"\x28\0\0\0\0\0\0\0", b"\xff" * 7 + b"\x7f")),
        ),
        "cannot",
    ),
    Attack("a packed bomb", written("bomb.csv.gz", gzip.compress(b"0" * 10_000_000)), "."),
    Attack("200,000 columns", wide, "label|column|cannot"),
    Attack("a log that goes up", delta("../../private/pay.parquet"), "cannot|goes up|outside"),
    Attack("a log with a path", delta("{private}/pay.parquet"), "cannot|outside|not"),
    Attack("a log with a URL", delta("{url}/pay.parquet"), "cannot|outside|not"),
]
MANY = Attack("two thousand million rows", many_rows, "cannot read|memory|label|rows")

FORMATS = {".parquet": "parquet", ".csv": "csv", ".arrow": "arrow", ".gz": "csv"}


def binding(url):
    """Return a binding of a role to a table, of the format that its name says."""
    table = Path(url).is_dir() and (Path(url) / "_delta_log").exists()
    form = "delta" if table else FORMATS.get(Path(url).suffix, "parquet")
    return {"role": "holdout", "url": url, "format": form, "truth": "label", "score": "score"}
