"""Downloads: what an address answers, and redirects that lead nowhere good."""

import pytest

from opsportal.kit.outbound.client import OutboundError
from opsportal.kit.outbound.download import _next_hop, download


def test_a_redirect_never_leaves_https():
    assert _next_hop("https://a.example/x/y", "../z") == "https://a.example/z"
    assert _next_hop("http://a.example/", "http://b.example/") == "http://b.example/"
    with pytest.raises(OutboundError, match="plain HTTP"):
        _next_hop("https://a.example/", "http://a.example/")


def test_what_is_no_address_has_no_origin_and_is_refused_in_plain_words():
    with pytest.raises(OutboundError) as caught:
        download("https://[::1", most_bytes=10)
    assert caught.value.permanent
