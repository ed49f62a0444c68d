import pytest

from checklists.probes import PROBES
from tests.targets import Authority, WebTarget, free_port


@pytest.fixture
def serve(authority):
    targets = []

    def start(context=None, **certificate):
        targets.append(WebTarget(context or authority.context(**certificate)))
        return f"localhost:{targets[-1].port}"

    yield start
    for target in targets:
        target.close()


def test_a_valid_certificate_shows_its_days_and_names(serve, see):
    host = serve(days=40.5, names=("localhost", "shop.example.com"))
    seen = see("tls", {"hosts": [host]})
    assert seen.failure is None
    assert seen.fields["cert_days"] == pytest.approx(40.5, abs=0.01)
    assert seen.fields["valid"] is True
    assert "shop.example.com" in seen.fields["names"]
    assert seen.fields["count"] == 1
    assert seen.detail == f"{host}: 40.5 days"


def test_the_first_to_end_decides(serve, see):
    hosts = [serve(days=days) for days in (90, 12, 45)]
    seen = see("tls", {"hosts": hosts})
    assert seen.failure is None
    assert seen.fields["cert_days"] == pytest.approx(12, abs=0.01)
    assert seen.fields["host"] == hosts[1]
    assert seen.fields["count"] == 3


@pytest.mark.parametrize(
    "certificate",
    [{"days": -3.0}, {"names": ("other.example.com",), "addresses": ()}],
    ids=["ended", "another name"],
)
def test_a_certificate_that_is_not_valid_is_broken_and_still_shown(
    serve, see, certificate
):
    hosts = [serve(), serve(**certificate)]
    seen = see("tls", {"hosts": hosts})
    assert (seen.failure.outcome, seen.failure.code) == ("fail", "tls_invalid")
    assert seen.failure.message.startswith(f"{hosts[1]}: The certificate is not valid")
    assert seen.fields["valid"] is False
    assert seen.fields["host"] == hosts[1]
    days = certificate.get("days", 90.5)
    assert seen.fields["cert_days"] == pytest.approx(days, abs=0.01)


def test_an_unknown_authority_is_broken(serve, see, tmp_path):
    context = Authority(tmp_path).context(names=(), addresses=())
    seen = see("tls", {"hosts": [serve(context)]})
    assert seen.failure.code == "tls_invalid"
    assert seen.fields["names"] == []


def test_a_dead_host_is_the_worst(serve, see):
    dead = f"127.0.0.1:{free_port()}"
    seen = see("tls", {"hosts": [serve(days=1), dead]})
    assert (seen.failure.outcome, seen.failure.code) == ("fail", "connect_refused")
    assert seen.fields["host"] == dead
    assert seen.fields["cert_days"] == pytest.approx(1, abs=0.01)
    assert "no certificate, connect_refused" in seen.detail


def test_where_nobody_may_look_nothing_is_known(see):
    seen = see("tls", {"hosts": ["10.255.255.1"]})
    assert (seen.failure.outcome, seen.failure.code) == ("unknown", "egress_denied")
    assert "cert_days" not in seen.fields


def test_a_server_without_tls_is_broken(site, code):
    spec = {"hosts": [f"127.0.0.1:{site.port}"]}
    assert code("tls", spec) == ("fail", "tls_failed")


@pytest.mark.parametrize(
    "hosts",
    [
        "x", [], ["x"] * 51, [7], ["x:0"], ["x:y"], ["http://x"], ["x/y"], [None],
        ["[::1]:99999"],
    ],
)  # fmt: skip
def test_a_wrong_list_of_hosts_is_named(hosts):
    assert [error.field for error in PROBES["tls"].check_spec({"hosts": hosts})] == [
        "hosts"
    ]


@pytest.mark.parametrize("host", ["x", "x:1", "[::1]", "[::1]:443", "::1"])
def test_hosts_may_have_ports(host):
    assert PROBES["tls"].check_spec({"hosts": [host]}) == []
    assert PROBES["tls"].host_of({"hosts": [host.upper()]}) == host
