"""A calendar server on loopback, and the calendars it serves."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class CalendarServer:
    """`pages` are (status, headers, body) by path; `asked` the paths in order."""

    def __init__(self):
        self.pages, self.asked = {}, []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                status, headers, body = server.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    server.asked.append("cut")

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/away.ics"

    def serve(self, *events, path="/away.ics"):
        self.pages[path] = (200, {"content-type": "text/calendar"}, calendar(*events))

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def calendar(*events):
    """An iCal file of events, each the lines between BEGIN and END."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for event in events:
        lines += ["BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *event, "END:VEVENT"]
    return ("\r\n".join([*lines, "END:VCALENDAR"]) + "\r\n").encode()


def days(uid, first, after, *more):
    """A whole-day event; `after` is the first day on which it is over."""
    return (
        f"UID:{uid}",
        f"DTSTART;VALUE=DATE:{first}",
        f"DTEND;VALUE=DATE:{after}",
        "SUMMARY:Holiday",
        *more,
    )
