"""Downloads: what an address answers, and redirects that lead nowhere good."""

import pytest

from opsportal.kit.outbound.client import OutboundError
from opsportal.kit.outbound.download import _next_hop


def test_a_redirect_never_leaves_https():
    assert _next_hop("https://a.example/x/y", "../z") == "https://a.example/z"
    assert _next_hop("http://a.example/", "http://b.example/") == "http://b.example/"
    with pytest.raises(OutboundError, match="plain HTTP"):
        _next_hop("https://a.example/", "http://a.example/")
