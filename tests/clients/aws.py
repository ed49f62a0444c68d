"""AWS on loopback, as moto plays it, and boto3 to talk to it."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

REGION = "eu-west-1"


@contextmanager
def playing(service: str) -> Iterator[tuple[str, boto3.client]]:
    """Yield the address of a service and a client of it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        service,
        endpoint_url=f"http://{host}:{port}",
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    try:
        yield f"http://{host}:{port}", client
    finally:
        client.close()
        server.stop()
