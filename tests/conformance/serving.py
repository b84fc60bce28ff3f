"""Serves a counterpart of ours on the loopback: what answers a request, on a socket."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import httpx


@contextmanager
def served(
    answer: Callable[[httpx.Request], httpx.Response],
    turn: AbstractContextManager[object] | None = None,
) -> Iterator[str]:
    """Serve until the block ends; yield the address.

    Whoever holds the ``turn`` may change the counterpart: it answers one
    request at a time.
    """
    one_by_one = turn or Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body are two writes: without this the second one waits.
        disable_nagle_algorithm = True

        def handle_call(self) -> None:
            length = int(self.headers.get("content-length", 0))
            address = f"http://{self.headers['host']}{self.path}"
            headers = dict(self.headers.items())
            request = httpx.Request(
                self.command, address, headers=headers, content=self.rfile.read(length)
            )
            with one_by_one:
                said = answer(request)
            self.send_response(said.status_code)
            for name, value in said.headers.multi_items():
                if name.lower() not in ("content-length", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(said.content)))
            self.end_headers()
            self.wfile.write(said.content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_call

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
