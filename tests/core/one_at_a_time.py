"""A stand-in for S3 that serves one request at a time, so that check-and-put is atomic.

Run as a program it prints its port. It has a process of its own: the table engine would wait
for a server in its own process for ever.
"""

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

if __name__ == "__main__":
    server = make_server(
        "127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=False
    )
    print(server.server_port, flush=True)
    server.serve_forever()
