"""Serves a stand-in on the loopback: real HTTP, whatever it is that answers."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

# Method, address, body and idempotency key to the status and what is said.
Answer = Callable[[str, str, Any, str], tuple[int, Any]]


@contextmanager
def served(answer: Answer, header: str, value: str) -> Iterator[str]:
    """Serve who shows that header, one request at a time; yield the address."""
    turn = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_call(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            asked = json.loads(body) if body else None
            status, said = (401, {"title": "who are you"})
            if self.headers.get(header) == value:
                with turn:
                    key = self.headers.get("Idempotency-Key", "")
                    status, said = answer(self.command, self.path, asked, key)
            sent = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = do_DELETE = handle_call

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
