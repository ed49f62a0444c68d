"""A server that answers a runbook, as a Git host does."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class RunbookServer:
    """``body`` is answered with an ETag; ``status`` and ``headers`` can be set.

    ``moved`` redirects by path; ``asked`` are the headers of each request, names in
    lower case.
    """

    def __init__(self, body=b""):
        self.body, self.status, self.headers, self.asked = body, 200, {}, []
        self.moved = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked = {name.lower(): text for name, text in self.headers.items()}
                server.asked.append(asked)
                if self.path in server.moved:
                    self.send_response(302)
                    self.send_header("Location", server.moved[self.path])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                tag = f'"{hash(server.body)}"'
                is_same = asked.get("if-none-match") == tag
                status = 304 if is_same else server.status
                self.send_response(status)
                sent = {"Content-Type": "text/markdown", "ETag": tag, **server.headers}
                for name, value in sent.items():
                    self.send_header(name, value)
                body = b"" if is_same else server.body
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/kestrel.md?token=secret"

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
