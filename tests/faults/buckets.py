"""A stand-in for S3 that loses answers, refuses, and lists what was there a while ago.

One request at a time, so that check-and-put is atomic. Run as a program it prints its port; a PUT
of JSON to `/-weather` says what goes wrong from then on.
"""

import json
import random
import re
import subprocess
import sys
import uuid
from collections import deque
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path


class Weather:
    """What goes wrong between a client and its bucket."""

    def __init__(self, within):
        self._within = within
        self._chance = random.Random(0)
        self._shares = {}
        self._listings = {}
        self.done = dict.fromkeys(("lost", "refused", "stale", "partial"), 0)

    def __call__(self, environ, start):
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == "/-weather":
            return self._told(environ, start)
        draw = self._chance.random()
        if draw < self._shares.get("refused", 0):
            self.done["refused"] += 1
            return _unavailable(start)
        if method in {"PUT", "POST", "DELETE"} and draw > 1 - self._shares.get("lost", 0):
            self.done["lost"] += 1
            list(self._within(environ, lambda *_, **__: None))
            return _unavailable(start)
        if method == "GET" and "prefix=" in environ["QUERY_STRING"]:
            return self._listed(environ, start)
        return self._within(environ, start)

    def _listed(self, environ, start):
        """Answer a listing as it was up to four listings ago, or without its last key."""
        asked = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
        told = {}
        body = b"".join(self._within(environ, lambda *answer, **_: told.update(answer=answer)))
        status, headers = told["answer"][:2]
        kept = self._listings.setdefault(asked, deque(maxlen=4))
        kept.append(body)
        draw = self._chance.random()
        if draw < self._shares.get("stale", 0):
            self.done["stale"] += 1
            body = kept[0]
        elif draw > 1 - self._shares.get("partial", 0):
            self.done["partial"] += 1
            body = re.sub(rb"(?s)(.*)<Contents>.*?</Contents>", rb"\1", body, count=1)
        headers = [one for one in headers if one[0].lower() != "content-length"]
        start(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _told(self, environ, start):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        said = json.loads(environ["wsgi.input"].read(length) or b"{}")
        self._chance = random.Random(said.pop("seed", 0))
        before, self.done = self.done, dict.fromkeys(self.done, 0)
        self._shares = said
        body = json.dumps(before).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def _unavailable(start):
    body = (
        b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
    )
    start(
        "503 Service Unavailable",
        [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))],
    )
    return [body]


class Bucket:
    """The stand-in, as a test sees it."""

    def __init__(self, port):
        self._port = int(port)
        self.options = {
            "key": "somebody",
            "secret": "something",
            "client_kwargs": {
                "endpoint_url": f"http://127.0.0.1:{port}",
                "region_name": "us-east-1",
            },
        }

    def weather(self, seed=0, **shares):
        """Let such shares of requests go wrong from now on; return how many went wrong so far."""
        body = json.dumps({"seed": seed, **shares}).encode()
        asked = HTTPConnection("127.0.0.1", self._port)
        asked.request("PUT", "/-weather", body)
        with closing(asked):
            return json.loads(asked.getresponse().read())

    def filesystem(self):
        import s3fs

        return s3fs.S3FileSystem(**self.options)

    def url(self):
        return f"s3://ships/{uuid.uuid4().hex}/fleet"


@contextmanager
def stand_in():
    """Start the stand-in in a process of its own, with an empty bucket."""
    line = [sys.executable, str(Path(__file__))]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            bucket = Bucket(server.stdout.readline().strip())
            bucket.filesystem().call_s3("create_bucket", Bucket="ships")
            yield bucket
        finally:
            server.kill()


if __name__ == "__main__":
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    application = Weather(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=False)
    print(server.server_port, flush=True)
    server.serve_forever()
