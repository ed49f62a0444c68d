import socket
import threading

import dns.message
import dns.rcode
import dns.rrset
import pytest

from checklists.probes import PROBES

RECORDS = {
    ("www.example.com.", "A"): ["192.0.2.2", "192.0.2.1"],
    ("www.example.com.", "TXT"): ['"v=1"'],
    ("www.example.com.", "CNAME"): ["other.example.com."],
}


@pytest.fixture
def server():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(0.02)
    ended = threading.Event()

    def answer(query):
        question = query.question[0]
        reply = dns.message.make_response(query)
        name = question.name.to_text()
        kind = dns.rdatatype.to_text(question.rdtype)
        if name.startswith("gone"):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif name.startswith("broken"):
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif records := RECORDS.get((name, kind)):
            reply.answer.append(dns.rrset.from_text(name, 300, "IN", kind, *records))
        return reply.to_wire()

    def serve():
        while not ended.is_set():
            try:
                data, who = sock.recvfrom(4096)
            except TimeoutError:
                continue
            sock.sendto(answer(dns.message.from_wire(data)), who)

    thread = threading.Thread(target=serve)
    thread.start()
    yield {"server": "127.0.0.1", "port": sock.getsockname()[1]}
    ended.set()
    thread.join()
    sock.close()


def test_records_are_seen_in_order(server, see):
    seen = see("dns", {"name": "www.example.com", **server})
    assert seen.failure is None
    assert seen.fields["values"] == ["192.0.2.1", "192.0.2.2"]
    assert (seen.fields["value"], seen.fields["count"]) == ("192.0.2.1", 2)
    assert seen.fields["ttl"] == 300
    assert seen.detail == "192.0.2.1, 192.0.2.2"


@pytest.mark.parametrize(
    ("kind", "value"), [("TXT", '"v=1"'), ("CNAME", "other.example.com.")]
)
def test_other_records_are_seen(server, see, kind, value):
    seen = see("dns", {"name": "www.example.com", "type": kind, **server})
    assert seen.fields["value"] == value


@pytest.mark.parametrize(
    ("spec", "failure"),
    [
        ({"name": "gone.example.com"}, ("fail", "name_not_found")),
        ({"name": "www.example.com", "type": "MX"}, ("fail", "no_record")),
        ({"name": "broken.example.com"}, ("unknown", "resolver")),
        ({"name": "a..b"}, ("unknown", "resolver")),
    ],
)
def test_no_record_is_broken_and_no_answer_is_unknown(server, code, spec, failure):
    assert code("dns", {**spec, **server}) == failure


def test_a_server_is_judged_like_any_other(code):
    spec = {"name": "example.com", "server": "169.254.169.254"}
    assert code("dns", spec) == ("unknown", "egress_denied")


def test_a_wrong_spec_is_named():
    errors = PROBES["dns"].check_spec(
        {"type": "ANY", "server": "ns.example", "port": 0}
    )
    assert {error.field for error in errors} == {"name", "type", "server", "port"}


def test_the_system_name_servers_are_asked_when_none_is_named(code):
    assert PROBES["dns"].host_of({"name": "x"}) == "resolver"
    outcome = code("dns", {"name": "no-such-name.invalid"}, seconds=0.3)
    assert outcome in {
        ("unknown", "resolver"),
        ("fail", "name_not_found"),
        ("unknown", "probe_error"),
    }
