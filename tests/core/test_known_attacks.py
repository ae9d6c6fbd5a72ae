"""Each class of published attacks on model stores, tried on a fleet that strangers may write to.

The fleet lies in `shared`, and so does what it may read; `private` is the reading user's own.
"""

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest

import argosy
from argosy.artifacts import digest_of
from argosy.data import sources
from argosy.errors import RowsRefused
from argosy.testing.fleets import logged_fleet

HIDDEN = "salary_of_the_director"
"""A column of the private file."""
ROOT = Path(__file__).parents[2]

COLUMNS = {"key": "client", "truth": "label", "score": "score"}
ELSEWHERE = {
    "code that runs when it is opened": (
        "tests/plugins/test_argosy_sklearn_types.py",
        "test_what_runs_code_is_refused_by_name_and_not_run",
    ),
    "a fallback to another format, which no scanner sees": (
        "tests/plugins/test_argosy_sklearn.py",
        "test_what_is_no_skops_file_is_refused",
    ),
    "HTML in names": (
        "tests/plugins/report/test_safety.py",
        "test_a_hostile_name_is_shown_and_never_run",
    ),
    "files that kill their parser": (
        "tests/core/jobs/test_culprits.py",
        "test_whoever_dies_alone_is_blamed_by_the_model_that_owns_it",
    ),
    "clusters that anybody may use": (
        "tests/plugins/test_argosy_ray_token.py",
        "test_an_open_cluster_is_refused_unless_that_is_lifted_which_is_an_event",
    ),
}
"""Classes that are not about where files come from, and the test that each has."""


@pytest.fixture
def private(tmp_path):
    folder = tmp_path / "private"
    folder.mkdir()
    rows = pl.DataFrame({HIDDEN: [1, 2, 3], "label": [0, 1, 0], "client": ["m0", "m1", "m0"]})
    rows = rows.with_columns(score=0.5)
    rows.write_csv(folder / "pay.csv")
    rows.write_parquet(folder / "pay.parquet")
    return folder


@pytest.fixture
def shared(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


@pytest.fixture
def fleet(shared):
    return logged_fleet(shared, models=2, rows=60)


def own_rows(shared):
    """Return a binding of the model `own` to rows that are there."""
    url = str(shared / "current.parquet")
    return {"role": "holdout", "model": "own", "url": url, "truth": "label"}


def spellings(shared, private):
    """Yield every way in which a URL may mean the private file, by the class of its attack."""
    path = f"{private}/pay.csv"
    up = f"{shared}/../private/pay.csv"
    yield "CVE-2023-1177 as it is", path
    yield "CVE-2023-2356 up", up
    for depth in (1, 2, 3):
        dots = "%2e%2e"
        for _ in range(depth - 1):
            dots = quote(dots, safe="")
        yield f"CVE-2024-1560 encoded {depth} times", f"{shared}/{dots}/private/pay.csv"
        yield f"and as a file {depth} times", f"file://{shared}/{dots}/private/pay.csv"
    yield "an encoded slash", f"file://{shared}/..%2fprivate/pay.csv"
    yield "CVE-2023-2780 a backslash", f"{shared}\\..\\private\\pay.csv"
    yield "an encoded backslash", f"file://{shared}/%5c..%5cprivate/pay.csv"
    yield "CVE-2024-1593 a parameter", f"{shared}/;/../private/pay.csv"
    yield "a NUL", f"{shared}/\0/../../private/pay.csv"
    yield "a newline", f"{shared}\n/../private/pay.csv"
    for scheme in ("file", "FILE", "local", "Local", "dir", "asynclocal"):
        yield f"CVE-2024-3573 the scheme {scheme}", f"{scheme}://{path}"
    yield "a host", f"file://localhost{path}"
    for chain in ("simplecache::", "filecache::", "blockcache::file://", "zip://a.csv::file://"):
        yield f"chained by {chain}", f"{chain}{path}"
    yield "a wrapper", f"reference://{path}"
    yield "a pattern", f"{shared.parent}/*/pay.csv"
    yield "a home", "~/private/pay.csv"
    yield "a twin of the root", f"{shared}2/../private/pay.csv"
    yield "another bucket", "s3://other/pay.csv"
    yield "CVE-2026-2393 this machine", "http://127.0.0.1:1/pay.csv"
    yield "where credentials are", "http://169.254.169.254/latest/meta-data.csv"
    yield "credentials", "s3://key:hunter2@other/pay.csv"


def links(shared, private):
    """Make links into the private folder; yield what leads there."""
    (shared / "one.csv").symlink_to(private / "pay.csv")
    yield shared / "one.csv"
    (shared / "folder").symlink_to(private)
    yield shared / "folder" / "pay.csv"
    yield shared / "folder"
    yield shared / "fold*" / "*.csv"
    yield shared / "**" / "pay.csv"
    (shared / "hive" / "day=1").mkdir(parents=True)
    (shared / "hive" / "day=1" / "pay.csv").symlink_to(private / "pay.csv")
    yield shared / "hive"
    (shared / "chain.csv").symlink_to(shared / "one.csv")
    yield shared / "chain.csv"


def everything_written(folder):
    """Return the bytes of all files of a fleet, and their number."""
    files = [path for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink()]
    return len(files), b"".join(path.read_bytes() for path in sorted(files))


def test_no_spelling_of_a_path_or_url_leads_out(fleet, shared, private, monkeypatch):
    """Traversal and local files, the class that was broken again most often."""
    monkeypatch.setenv("HOME", str(private.parent))
    before = everything_written(fleet.url)
    for name, url in spellings(shared, private):
        binding = {"role": "holdout", "url": url, "format": "csv"}
        version = {"model": "m0", "version": "2", "format": "skops", "artifact": url}
        for check in (True, False):
            with pytest.raises(RowsRefused) as caught:
                fleet.bind([binding], check=check)
            assert "hunter2" not in str(caught.value), name
            assert HIDDEN not in str(caught.value), name
        with pytest.raises(RowsRefused):
            fleet.register([version])
        with pytest.raises(RowsRefused):
            fleet.register([{**version, "digest": digest_of(b"known")}])

    assert before == everything_written(fleet.url)


def test_relative_paths_and_variables_are_read_from_where_one_stands(
    fleet, shared, private, monkeypatch
):
    monkeypatch.chdir(shared)
    monkeypatch.setenv("PRIVATE", str(private))
    for folder in ("../private", "$PRIVATE", "${PRIVATE}", "%PRIVATE%"):
        url = f"{folder}/pay.csv"
        with pytest.raises(RowsRefused):
            fleet.bind([{"role": "holdout", "url": url, "format": "csv"}])

    assert "bound" == fleet.bind([{"role": "more", "url": "holdout.parquet"}])["outcome"].item()


def test_no_link_leads_out(fleet, shared, private):
    """ONNX CVE-2024-27318 and 2026-34446: links beside a model lead to files of its reader."""
    for url in links(shared, private):
        for check in (True, False):
            with pytest.raises(RowsRefused, match="leads out of the roots"):
                fleet.bind([{"role": "holdout", "url": str(url), "format": "csv"}], check=check)
    artifact = str(shared / "one.csv")
    with pytest.raises(RowsRefused, match="leads out of the roots"):
        fleet.register([{"model": "m", "version": "2", "format": "skops", "artifact": artifact}])


def test_a_link_that_is_put_in_the_place_of_data_later_gives_nothing(fleet, shared, private):
    """What was bound is a path, and whoever may write there decides what it names tonight."""
    for kind in ("file", "folder"):
        held = shared / "holdout.parquet"
        if kind == "folder":
            held = shared / "days" / "holdout.parquet"
            held.parent.mkdir()
            shutil.copy(shared / "current.parquet", held)
            days = {"role": "holdout", "url": str(held.parent), "format": "parquet", **COLUMNS}
            fleet.bind([days])
        held.unlink()
        held.symlink_to(private / "pay.parquet")
        run = fleet.evaluate()

        assert 2 == run.summary["failed"]
        reasons = run.failures()["reason"].to_list()
        assert all("is a link that leads out of the roots" in reason for reason in reasons)
        assert not any(HIDDEN in reason for reason in reasons)
    assert HIDDEN.encode() not in everything_written(fleet.url)[1]


def test_a_link_that_is_put_there_between_the_look_and_the_reading_gives_nothing(
    fleet, shared, private, monkeypatch
):
    """The engine opens paths by itself, so what was let in is looked at again."""
    held, kept = shared / "holdout.parquet", shared / "kept.parquet"
    usual, exchanged = sources.source_of, []

    def late(binding):
        if Path(binding["url"]) == held and not exchanged:
            source = usual(binding)

            def scan(url, options):
                exchanged.append(url)
                shutil.move(held, kept)
                held.symlink_to(kept.rename(private / "kept.parquet"))
                return source.scan(url, options)

            return replace(source, scan=scan)
        return usual(binding)

    monkeypatch.setattr(sources, "source_of", late)
    run = fleet.evaluate()

    assert [str(held)] == exchanged
    assert 2 == run.summary["failed"]
    assert all("leads out of the roots" in why for why in run.failures()["reason"])


def test_a_model_file_that_is_exchanged_later_gives_nothing(fleet, shared, private):
    artifact = shared / "model.skops"
    artifact.write_bytes(b"model")
    told = {"model": "own", "version": "1", "format": "skops", "artifact": str(artifact)}
    fleet.register([{**told, "digest": digest_of((private / "pay.csv").read_bytes())}])
    fleet.bind([own_rows(shared)])
    artifact.unlink()
    artifact.symlink_to(private / "pay.csv")
    reason = fleet.evaluate("model = 'own'").failures()["reason"].item()

    assert "is a link that leads out of the roots" in reason


def test_what_never_ends_is_told_at_once(fleet, shared):
    """Files that exhaust their reader: a FIFO hangs, a device and a sparse file never end."""
    os.mkfifo(shared / "fifo.csv")
    with (shared / "sparse.csv").open("wb") as file:
        file.truncate(2**40)
    (shared / "zero.csv").symlink_to("/dev/zero")
    for name, told in (
        ("fifo", "is a FIFO"),
        ("sparse", "bytes, more than"),
        ("zero", "leads out"),
    ):
        url = str(shared / f"{name}.csv")
        for change in (
            lambda url=url: fleet.bind([{"role": "holdout", "url": url}]),
            lambda url=url: fleet.register(
                [{"model": "m0", "version": "2", "format": "skops", "artifact": url}]
            ),
        ):
            with pytest.raises(RowsRefused, match=told):
                change()
    (shared / "holdout.parquet").unlink()
    os.mkfifo(shared / "holdout.parquet")

    assert all("is a FIFO" in why for why in fleet.evaluate().failures()["reason"])


def test_a_file_that_grows_is_read_up_to_the_limit(fleet, shared, monkeypatch):
    monkeypatch.setenv("ARGOSY_CORE__LARGEST_READ", "1000000")
    path, stop = shared / "model.skops", threading.Event()
    path.write_bytes(b"x")

    def grow():
        with path.open("ab") as file:
            while not stop.is_set() and file.tell() < 2**26:
                file.write(b"x" * 2**16)
                file.flush()

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        while path.stat().st_size < 2**21:
            pass
        with pytest.raises(argosy.ArgosyError, match="core.largest_read"):
            fleet.register(
                [{"model": "m0", "version": "2", "format": "skops", "artifact": str(path)}]
            )
    finally:
        stop.set()
        thread.join()


def test_a_delta_log_names_no_file_outside_of_its_table(fleet, shared, private):
    """A log is data of whoever wrote it, and names files by paths of its own."""
    pl.DataFrame({"label": [1]}).write_delta(shared / "table")
    log = next((shared / "table" / "_delta_log").glob("*.json"))
    content = log.read_text()
    name = next((shared / "table").glob("*.parquet")).name
    for path in (
        "../../private/pay.parquet",
        "%2e%2e/%2e%2e/private/pay.parquet",
        f"{private}/pay.parquet",
        f"file://{private}/pay.parquet",
    ):
        log.write_text(content.replace(name, path))
        table = {"role": "holdout", "url": str(shared / "table"), "format": "delta", **COLUMNS}
        fleet.bind([table], check=False)
        run = fleet.evaluate()

        assert 2 == run.summary["failed"]
        assert HIDDEN not in str(run.failures()["reason"].to_list())


def test_roots_are_widened_by_nobody_but_the_fleet(fleet, shared, private):
    """What the reading user may open, links of the fleet or another handle changes nothing."""
    with pytest.raises(RowsRefused):
        argosy.open(fleet.url, actor="somebody").bind(
            [{"role": "holdout", "url": str(private / "pay.csv")}]
        )
    fleet.add_root(str(private), reason="the payroll is asked for")
    fleet.bind([{"role": "holdout", "url": str(private / "pay.csv"), **COLUMNS}])
    fleet.remove_root(str(private))
    reasons = fleet.evaluate().failures()["reason"].to_list()

    assert 2 == len(reasons)
    assert all("lies outside of the roots of this fleet" in reason for reason in reasons)


def test_an_artifact_of_somebody_else_is_not_overwritten_nor_taken_for_another(fleet, shared):
    """CVE-2026-2651: a version keeps the digest that it was registered with."""
    path = shared / "model.skops"
    path.write_bytes(b"first")
    fleet.register([{"model": "own", "version": "1", "format": "skops", "artifact": str(path)}])
    fleet.bind([own_rows(shared)])
    path.write_bytes(b"second")
    with pytest.raises(RowsRefused, match="is registered already"):
        fleet.register([{"model": "own", "version": "1", "format": "skops", "artifact": str(path)}])

    assert "changed: registered" in fleet.evaluate("model = 'own'").failures()["reason"].item()


def test_upkeep_removes_nothing_behind_a_link(fleet, shared, private):
    """An artifact may be registered through a folder that is a link when it is let go."""
    folder = Path(fleet.url) / "artifacts" / "mine"
    folder.mkdir(parents=True)
    (folder / "pay.csv").write_bytes(b"model")
    fleet.register(
        [{"model": "own", "version": "1", "format": "skops", "artifact": str(folder / "pay.csv")}]
    )
    shutil.rmtree(folder)
    folder.symlink_to(private)
    fleet.delete([{"model": "own"}], keep_days=0)
    fleet.maintain()

    assert (private / "pay.csv").exists()


@pytest.mark.parametrize(("file", "test"), ELSEWHERE.values(), ids=[*ELSEWHERE])
def test_the_other_classes_have_their_tests(file, test):
    assert f"def {test}(" in (ROOT / file).read_text()
