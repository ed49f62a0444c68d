"""Other people's servers, on loopback: they keep what they got and answer as told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller


class HttpSink:
    """`posts` are the JSON bodies; `answers` are (status, headers) still to give.

    While `gate` is cleared, answers wait; `most_at_once` counts those in flight.
    """

    def __init__(self):
        self.posts, self.answers = [], []
        self.gate = threading.Event()
        self.gate.set()
        self.in_flight = self.most_at_once = 0
        self._lock = threading.Lock()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers = sink._take(json.loads(body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"

    def _take(self, body):
        with self._lock:
            self.posts.append(body)
            answer = self.answers.pop(0) if self.answers else (200, {})
            self.in_flight += 1
            self.most_at_once = max(self.most_at_once, self.in_flight)
        self.gate.wait(10)
        with self._lock:
            self.in_flight -= 1
        return answer

    def close(self):
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class MailServer(Controller):
    """Listens on loopback, on ``port`` or on any, and asks nobody for its own name.

    The name that it would ask for may take a resolver longer than clients wait.
    """

    def __init__(self, handler, port=0):
        super().__init__(
            handler, hostname="127.0.0.1", port=port, server_hostname="localhost"
        )

    def _trigger_server(self):
        # It greets itself once, which needs the port that it was given.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class MailSink:
    """`mails` are the messages as bytes; `refuse` is the answer to RCPT TO, if any."""

    def __init__(self, port=0):
        """Listen on ``port``, 0: on any."""
        self.mails, self.refuse = [], ""
        self._controller = MailServer(self, port)
        self._controller.start()
        self.port = self._controller.port

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 -- aiosmtpd calls it so
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- aiosmtpd calls it so
        self.mails.append(envelope)
        return "250 OK"

    def close(self):
        self._controller.stop()
