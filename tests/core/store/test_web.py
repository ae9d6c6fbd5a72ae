import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from argosy.errors import DataError
from argosy.store.web import read_web, refuse_address

MOST, SECONDS = 10_000, 5


@contextmanager
def serving(**answers):
    """Serve answers by path (status, headers, content); yield the URL, and what is asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, headers, content = answers.get(self.path.strip("/"), (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            for part in content if isinstance(content, list) else [content]:
                if isinstance(part, float):
                    time.sleep(part)
                else:
                    try:
                        self.wfile.write(part)
                        self.wfile.flush()
                    except OSError:
                        return

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_what_a_server_has_is_read():
    with serving(file=(200, {}, b"content")) as (url, _):
        assert b"content" == read_web(f"{url}/file", MOST, SECONDS)
        with pytest.raises(FileNotFoundError):
            read_web(f"{url}/nothing", MOST, SECONDS)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status):
    """CVE-2026-28416: what is fetched is chosen by whoever answers."""
    with serving(secret=(200, {}, b"secret")) as (inner, asked):
        answers = {"file": (status, {"Location": f"{inner}/secret"}, b"")}
        with serving(**answers) as (url, _), pytest.raises(DataError, match="redirects to"):
            read_web(f"{url}/file", MOST, SECONDS)

    assert [] == asked


def test_an_answer_is_read_up_to_its_limits():
    endless = [b"x" * 4_000] * 100
    slow = [b"x", 0.4] * 20
    with serving(large=(200, {}, endless), slow=(200, {}, slow)) as (url, _):
        with pytest.raises(DataError, match="more than 10,000 bytes"):
            read_web(f"{url}/large", MOST, SECONDS)
        with pytest.raises(DataError, match="took more than 1 s"):
            read_web(f"{url}/slow", MOST, 1)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "fd00:ec2::254",
    ],
)
def test_where_clouds_keep_credentials_is_never_read(address):
    with pytest.raises(DataError, match="no data comes from there"):
        refuse_address("host", address)


def test_the_address_that_was_looked_at_is_connected_to(monkeypatch):
    """A name that is answered otherwise the second time leads nowhere else."""
    usual = socket.getaddrinfo
    answers = iter(["127.0.0.1", "169.254.169.254"])

    def getaddrinfo(host, *arguments, **more):
        return usual(next(answers) if host == "models.example" else host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with serving(file=(200, {}, b"content")) as (url, _):
        named = url.replace("127.0.0.1", "models.example")
        assert b"content" == read_web(f"{named}/file", MOST, SECONDS)
        with pytest.raises(DataError, match="models.example is at 169.254.169.254"):
            read_web(f"{named}/file", MOST, SECONDS)
