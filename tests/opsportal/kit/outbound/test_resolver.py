import asyncio
import socket
import threading
import time

import pytest

from opsportal.kit.outbound import (
    DaemonPool,
    Guard,
    LookupTimeout,
    Resolver,
    join,
    look_only_context,
    parse_allow_list,
    shared_resolver,
)
from opsportal.kit.outbound.policy import EgressDenied, EgressPolicy
from opsportal.kit.outbound.resolver import MOST_NAMES, look_up
from tests.targets import Authority, WebTarget


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Book:
    """Counts who is asked for; names that begin with "no" do not exist."""

    def __init__(self):
        self.asked = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, host):
        self.asked.append(host)
        self.gate.wait(60)
        if host.startswith("no"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return ("192.0.2.1",)


def test_an_answer_is_kept_for_30_seconds():
    book, clock = Book(), Clock()
    resolver = Resolver(lookup=book, clock=clock, threads=1)
    for at in (0, 29, 31):
        clock.now = float(at)
        assert resolver.resolve("Example.com", seconds=1) == ("192.0.2.1",)
    assert len(book.asked) == 2


def test_a_failure_is_kept_for_5_seconds_and_raised_anew():
    book, clock = Book(), Clock()
    resolver = Resolver(lookup=book, clock=clock, threads=1)
    errors = []
    for at in (0, 4, 6):
        clock.now = float(at)
        with pytest.raises(socket.gaierror) as caught:
            resolver.resolve("no.example", seconds=1)
        errors.append(caught.value)
    assert len(book.asked) == 2
    assert len(set(map(id, errors))) == 3
    assert {error.errno for error in errors} == {socket.EAI_NONAME}


def test_many_who_ask_for_one_name_ask_once():
    book = Book()
    book.gate.clear()
    resolver = Resolver(lookup=book, threads=8)

    async def ask():
        waiting = [
            asyncio.create_task(resolver.resolve_async("example.com"))
            for _ in range(50)
        ]
        await asyncio.sleep(0.02)
        waiting[0].cancel()  # one that gives up takes nothing from the others
        await asyncio.sleep(0)
        book.gate.set()
        return await asyncio.gather(*waiting[1:])

    assert asyncio.run(ask()) == [("192.0.2.1",)] * 49
    assert len(book.asked) == 1


def test_sixty_slow_lookups_take_as_long_as_one():
    all_at_once = threading.Barrier(60, timeout=60)

    def slowly(host):
        all_at_once.wait()
        return ("192.0.2.1",)

    resolver = Resolver(lookup=slowly)

    async def ask():
        await asyncio.gather(*(resolver.resolve_async(f"h{i}") for i in range(60)))

    asyncio.run(ask())
    assert not all_at_once.broken


def test_running_out_of_time_is_about_the_resolver():
    book = Book()
    book.gate.clear()
    resolver = Resolver(lookup=book, threads=2)
    guard = Guard(EgressPolicy(), resolver)
    with pytest.raises(LookupTimeout):
        resolver.resolve("example.com", seconds=0.01)

    async def ask():
        deadline = asyncio.get_running_loop().time() + 0.01
        await guard.addresses_async("example.com", 80, deadline=deadline)

    with pytest.raises(LookupTimeout):
        asyncio.run(ask())  # the loop ends while the thread is still busy
    book.gate.set()


def test_the_cache_does_not_grow_without_end():
    resolver = Resolver(lookup=Book(), threads=1)
    resolver._entries = dict.fromkeys(map(str, range(MOST_NAMES)))
    assert resolver.resolve("example.com", seconds=1) == ("192.0.2.1",)
    assert len(resolver._entries) == 1


def test_what_is_known_is_recalled_without_a_thread():
    resolver = Resolver(lookup=Book(), threads=1)
    assert resolver.recall("example.com") is None
    resolver.resolve("example.com", seconds=1)
    assert resolver.recall("example.com") == ("192.0.2.1",)


def test_the_system_is_asked():
    assert "127.0.0.1" in look_up("localhost")
    assert look_up("2130706433") == ("127.0.0.1",)


@pytest.mark.parametrize("host", ["a\0b", "a" * 64 + ".example", ".."])
def test_what_cannot_be_a_name_does_not_exist(host):
    with pytest.raises(socket.gaierror):
        look_up(host)


def test_a_process_has_one_resolver():
    assert shared_resolver() is shared_resolver()


def test_a_name_without_addresses_is_denied():
    with pytest.raises(EgressDenied, match="no address"):
        Guard(EgressPolicy(), Resolver(threads=1)).allowed([], 80)


def test_a_pool_has_no_more_threads_than_it_may():
    pool = DaemonPool(2, "few")
    names = [
        pool.submit(lambda: time.sleep(0.01) or threading.current_thread().name)
        for _ in range(10)
    ]
    assert {name.result(60) for name in names} <= {"few-1", "few-2"}


def test_what_a_thread_raises_arrives():
    async def wait():
        await join(DaemonPool(1, "one").submit(lambda: 1 / 0))

    with pytest.raises(ZeroDivisionError):
        asyncio.run(wait())


def test_a_socket_is_opened_to_the_next_address_when_one_is_dead(site, policy):
    addresses = ("::1", "127.0.0.1")
    wide = EgressPolicy(allowed=parse_allow_list("127.0.0.0/8:*;::1/128:*"))
    guard = Guard(wide, Resolver(lookup=lambda _host: addresses))
    with guard.connect("two.example", site.port, seconds=2) as sock:
        assert sock.getpeername()[0] == "127.0.0.1"

    async def open_stream():
        deadline = asyncio.get_running_loop().time() + 2
        _, writer = await guard.open_stream("two.example", site.port, deadline=deadline)
        peer = writer.get_extra_info("peername")[0]
        writer.close()
        await writer.wait_closed()
        return peer

    assert asyncio.run(open_stream()) == "127.0.0.1"


def test_no_time_left_is_a_timeout(site, policy):
    guard = Guard(policy, Resolver(lookup=lambda _host: ("127.0.0.1",)))
    guard.resolver.resolve("x", seconds=1)
    with pytest.raises(TimeoutError):
        guard.connect("x", site.port, seconds=0.0)


def test_a_certificate_can_be_read_without_trust(tmp_path):
    target = WebTarget(Authority(tmp_path).context())
    wide = EgressPolicy(allowed=parse_allow_list("127.0.0.0/8:*"))

    async def look():
        deadline = asyncio.get_running_loop().time() + 2
        _, writer = await Guard.of(wide).open_stream(
            "127.0.0.1", target.port, deadline=deadline, tls=look_only_context()
        )
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.transport.abort()
        return shown

    try:
        assert asyncio.run(look())
    finally:
        target.close()
