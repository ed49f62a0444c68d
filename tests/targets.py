"""Things to look at and talk to, on loopback: they answer as told and remember."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict
    body: bytes


@dataclass
class Reply:
    """What to answer; `wait` seconds first, `drip` seconds between single bytes."""

    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0


class _Handler(BaseHTTPRequestHandler):
    def handle_any(self):
        target = self.server.target
        size = int(self.headers.get("content-length") or 0)
        names = {name.lower(): text for name, text in self.headers.items()}
        reply = target.take(Seen(self.command, self.path, names, self.rfile.read(size)))
        time.sleep(reply.wait)
        # Before the answer: who has read it asks again at once.
        target.leave()
        with suppress(OSError):
            self.answer(reply)

    def answer(self, reply):
        self.send_response(reply.status)
        headers = {"Content-Length": str(len(reply.body)), **reply.headers}
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        body = b"" if self.command == "HEAD" else reply.body
        step = 1 if reply.drip else max(1, len(body))
        for at in range(0, len(body), step):
            self.wfile.write(body[at : at + step])
            time.sleep(reply.drip)

    do_GET = do_POST = do_HEAD = do_OPTIONS = handle_any  # noqa: N815 -- its names

    def log_message(self, *args):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 200

    def handle_error(self, request, client_address):
        pass  # clients that do not trust us break off


class WebTarget:
    """An HTTP(S) server; `routes` maps a path to a Reply or a list of them."""

    def __init__(self, tls=None, host="127.0.0.1"):
        self.routes, self.seen = {}, []
        self.in_flight = self.most_at_once = 0
        self._lock = threading.Lock()
        self._server = _Server((host, 0), _Handler)
        self._server.target = self
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()

    def take(self, seen):
        with self._lock:
            self.seen.append(seen)
            self.in_flight += 1
            self.most_at_once = max(self.most_at_once, self.in_flight)
            reply = self.routes.get(seen.path.split("?")[0], Reply(404))
            if isinstance(reply, list):
                reply = reply.pop(0) if len(reply) > 1 else reply[0]
        return reply(seen) if callable(reply) else reply

    def leave(self):
        with self._lock:
            self.in_flight -= 1

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Canary:
    """Listens on both loopback addresses and counts who comes."""

    def __init__(self):
        self.visits = 0
        first = socket.create_server(("127.0.0.1", 0))
        self.port = first.getsockname()[1]
        self._sockets = [first]
        with suppress(OSError):
            self._sockets.append(
                socket.create_server(("::1", self.port), family=socket.AF_INET6)
            )
        self._threads = [
            threading.Thread(target=self._serve, args=(sock,)) for sock in self._sockets
        ]
        for thread in self._threads:
            thread.start()

    def _serve(self, sock):
        sock.settimeout(0.02)
        while sock.fileno() >= 0:
            with suppress(TimeoutError):
                try:
                    client, _ = sock.accept()
                except TimeoutError:
                    continue
                except OSError:
                    return
                self.visits += 1
                client.close()

    def close(self):
        time.sleep(0.05)
        for sock in self._sockets:
            sock.close()
        for thread in self._threads:
            thread.join()


@contextmanager
def raw_server(talk):
    """A TCP server that hands each connection to `talk(socket)`; yields the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.02)
    ended = threading.Event()
    workers = []

    def one(client):
        with client, suppress(OSError):
            client.settimeout(5)
            talk(client)

    def serve():
        while not ended.is_set():
            with suppress(TimeoutError):
                client, _ = listener.accept()
                workers.append(threading.Thread(target=one, args=(client,)))
                workers[-1].start()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        thread.join()
        listener.close()
        for worker in workers:
            worker.join()


def free_port():
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


class Authority:
    """A certificate authority of our own, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test root")])
        now = dt.datetime.now(dt.UTC)
        root = (
            self._builder(self.name, self.key, now, now + dt.timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .sign(self.key, hashes.SHA256())
        )
        self.file = folder / "root.pem"
        self.file.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject, key, start, end):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
        )

    def context(self, *, days=90.5, names=("localhost",), addresses=("127.0.0.1",)):
        """A server context with a certificate that ends in `days`."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = dt.datetime.now(dt.UTC)
        listed = [x509.DNSName(name) for name in names]
        listed += [x509.IPAddress(ipaddress.ip_address(one)) for one in addresses]
        builder = self._builder(
            x509.Name([]), key, now - dt.timedelta(days=400), now + dt.timedelta(days)
        )
        if listed:
            builder = builder.add_extension(x509.SubjectAlternativeName(listed), True)
        made = builder.sign(self.key, hashes.SHA256())
        file = self.folder / f"{made.serial_number}.pem"
        file.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context
