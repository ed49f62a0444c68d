"""The target's small servers: a Redis, a database port, and a mail box."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import hiredis

MOST = 50
LONGEST_LINE = 64 * 1024
_INFO = """# opsportal demo: these numbers are played
redis_version:7.0.0-demo
used_memory:{memory}
evicted_keys:1204
keyspace_hits:913042
keyspace_misses:86958
"""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that arrived: from a mail or a channel."""

    at: datetime
    to: str
    subject: str
    text: str


@dataclass
class Kept:
    """The newest messages, the newest first."""

    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=MOST))

    def add(self, message: Message) -> None:
        """Keep one more, and forget the oldest when there are too many."""
        self.messages.appendleft(message)


@dataclass
class MailBox:
    """Mail that the portal sent."""

    kept: Kept = field(default_factory=Kept)

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take mail from one connection, as an SMTP server does."""
        writer.write(b"220 opsportal demo\r\n")
        recipients: list[str] = []
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                self._keep(recipients, await _read_mail(reader))
                recipients = []
            elif word == b"RCPT":
                recipients.append(line.decode().partition("<")[2].partition(">")[0])
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                break
        writer.close()

    def _keep(self, recipients: list[str], raw: bytes) -> None:
        mail = message_from_bytes(raw, policy=default)
        body = mail.get_body(("plain", "html"))
        self.kept.add(
            Message(
                at=datetime.now(UTC),
                to=", ".join(recipients),
                subject=str(mail["subject"]),
                text=body.get_content() if body is not None else "",
            )
        )


async def _read_mail(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readline()) not in {b".\r\n", b""}:
        lines.append(line[1:] if line.startswith(b"..") else line)
    return b"".join(lines)


async def serve_redis(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer PING, INFO and LLEN as a Redis would."""
    parser = hiredis.Reader()
    while chunk := await reader.read(LONGEST_LINE):
        parser.feed(chunk)
        while (words := parser.gets()) is not False:
            writer.write(_answer(words))
    writer.close()


async def accept_only(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take a connection and let go, which is all that a TCP check wants."""
    writer.close()


def _answer(words: list[bytes]) -> bytes:
    command = words[0].upper()
    if command == b"PING":
        return b"+PONG\r\n"
    if command == b"INFO":
        moves = datetime.now(UTC).minute * 300_000
        info = _INFO.format(memory=412_000_000 + moves).replace("\n", "\r\n").encode()
        return b"$%d\r\n%s\r\n" % (len(info), info)
    if command == b"LLEN":
        return b":12\r\n"
    return b"-ERR this demo knows PING, INFO and LLEN\r\n"
