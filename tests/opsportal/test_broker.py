"""The worker's connection to a broker that dies while it listens and works."""

import os
import subprocess

import pytest
from kombu import Connection, Queue
from redis.exceptions import ConnectionError as LostError

from opsportal import celery
from opsportal.broker import Transport
from opsportal.kit import embedded
from tests.servers import run_folder


@pytest.fixture
def broker():
    """A broker of our own to kill, and its socket."""
    # A socket's path is short, and pytest's folders are not.
    folder = run_folder() / f"broker_{os.getpid()}"
    folder.mkdir(exist_ok=True)
    path = folder / "valkey.sock"
    program = os.environ.get("OPSPORTAL_REDIS_SERVER", "")
    command = embedded.broker_command(path, folder, is_durable=False, program=program)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while not embedded.answers_ping(path):
        assert process.poll() is None
    yield process, path
    process.kill()
    process.wait()


def test_the_app_uses_our_way_to_redis():
    for url in ("redis://127.0.0.1:1/0", "rediss://127.0.0.1:1/0", "redis+socket:///x"):
        with celery.app.connection_for_read(url) as connection:
            assert isinstance(connection.transport, Transport)


def test_a_lost_connection_is_closed_by_who_listened_and_held_a_message(broker):
    process, path = broker
    connection = Connection(f"redis+socket://{path}")
    held = []
    # As a worker it listens for wake-ups on one channel and for orders on another.
    for name in ("sweep", "orders"):
        channel = connection.default_channel if not held else connection.channel()
        consumer = connection.Consumer(
            [Queue(name)], on_message=held.append, channel=channel
        )
        consumer.consume()
        connection.Producer(channel).publish({}, routing_key=name)
        connection.drain_events(timeout=5)
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.1)
    process.kill()
    process.wait()
    # What Celery does with it then; nothing but errors of the connection may come.
    connection.collect()
    connection.close()
    with pytest.raises(LostError):
        held[0].ack()
    # Nor when it is closed at last.
    with pytest.raises(LostError):
        channel.close()
