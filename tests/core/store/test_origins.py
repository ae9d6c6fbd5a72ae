import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import fsspec
import polars as pl
import pytest

import argosy
from argosy.artifacts import digest_of
from argosy.errors import DataError, RowsRefused
from argosy.store.location import Location
from argosy.store.origins import Origins, unexchanged, within

ROWS = pl.DataFrame({"truth": [0, 1, 1], "score": [0.1, 0.9, 0.7]})


@pytest.fixture
def location(tmp_path):
    (tmp_path / "fleet").mkdir()
    return Location(str(tmp_path / "fleet"))


@pytest.fixture
def server(tmp_path):
    """Serve what lies in a folder over HTTP; `moved` redirects to the file `secret`."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = folder / self.path.strip("/")
            self.send_response(302 if "moved" in self.path else 200 if path.is_file() else 404)
            self.send_header("Location", "/secret")
            self.end_headers()
            if path.is_file():
                self.wfile.write(path.read_bytes())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_is_read_wherever_a_root_is(location, tmp_path):
    (tmp_path / "a").write_bytes(b"content")
    fsspec.filesystem("memory").pipe_file("/origins/a", b"elsewhere")
    here = Origins(location)
    there = Origins(Location(location.url, roots=("memory://origins",)))

    assert b"content" == here.read(str(tmp_path / "a"))
    assert b"elsewhere" == there.read("memory://origins/a")
    for origins, url in ((here, "memory://origins/a"), (there, str(tmp_path / "a"))):
        with pytest.raises(DataError, match="lies outside of the roots"):
            origins.read(url)
    with pytest.raises(FileNotFoundError):
        here.read(str(tmp_path / "b"))


def test_limits_hold_wherever_a_file_is(location, tmp_path, monkeypatch):
    monkeypatch.setenv("ARGOSY_CORE__LARGEST_READ", "5")
    (tmp_path / "a").write_bytes(b"content")
    fsspec.filesystem("memory").pipe_file("/origins/a", b"elsewhere")
    for root, url in ((str(tmp_path), f"{tmp_path}/a"), ("memory://origins", "memory://origins/a")):
        with pytest.raises(DataError, match="more than 5 bytes, which the option"):
            Origins(Location(location.url, roots=(root,))).read(url)


def test_what_takes_too_long_is_given_up():
    with pytest.raises(DataError, match="reading s3://b/a took more than 0.05 s"):
        within(0.05, "s3://b/a", lambda: time.sleep(2))
    with pytest.raises(ZeroDivisionError):
        within(5, "s3://b/a", lambda: 1 // 0)


def test_what_was_let_in_is_looked_at_again(location, tmp_path):
    (tmp_path / "a").write_bytes(b"content")
    with unexchanged(location):
        Origins(location).refuse(str(tmp_path / "a"))

    def exchange():
        with unexchanged(location):
            Origins(location).refuse(str(tmp_path / "a"))
            (tmp_path / "a").unlink()
            (tmp_path / "a").symlink_to("/etc/hostname")

    with pytest.raises(DataError, match="it was put there while the data was read"):
        exchange()


def test_models_and_data_come_over_http_where_a_root_says_so(tmp_path, server):
    folder, url = server
    ROWS.write_csv(folder / "rows.csv")
    ROWS.write_parquet(folder / "rows.parquet")
    (folder / "secret").write_text("truth,score\n1,0.5\n")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["m"], "version": ["1"]})
    told = {"role": "holdout", "truth": "truth", "score": "score"}
    with pytest.raises(RowsRefused, match=f"argosy roots add {url}`"):
        fleet.bind([{**told, "url": f"{url}/rows.csv"}])
    fleet.add_root(url)
    for form in ("csv", "parquet"):
        fleet.bind([{**told, "url": f"{url}/rows.{form}"}])
        assert [3] == fleet.evaluate(metrics=["accuracy"]).results()["n"].to_list()
    with pytest.raises(RowsRefused, match="redirects to ./secret., which is not followed"):
        fleet.bind([{**told, "url": f"{url}/moved.csv"}])
    artifact = {"model": "a", "version": "1", "format": "skops", "artifact": f"{url}/rows.csv"}
    fleet.register([artifact])

    assert digest_of((folder / "rows.csv").read_bytes()) == fleet.get("a")["digest"]
