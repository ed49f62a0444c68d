"""A sender's own id is passed on in words."""

import pytest

from incidents.domain.correlation import say_correlation


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({}, ""),
        ({"trace_id": ""}, ""),
        ({"request_id": "r-1", "trace_id": "t-1"}, "Correlation ID: t-1"),
        ({"correlation_id": "c-1", "trace_id": "t-1"}, "Correlation ID: c-1"),
    ],
)
def test_the_first_that_is_known_is_said(labels, said):
    assert say_correlation(labels) == said
