"""Requests as JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.commands.samples import refused
from wardrop.commands.answers import Refusal, RefusalCode
from wardrop.commands.requests import parse


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_every_body_is_a_request_or_malformed(body):
    request = parse(body)
    assert not isinstance(request, Refusal) or request.code is RefusalCode.MALFORMED


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b" " * 5000, "the limit is 4096"),
        (b'{"command": "clean", "application": "shop"}', "`application` needs `dry_run`"),
        (b'{"command": "deploy", "environment": "e", "label": "l", "now": true}', "`now` needs `because`"),
        (b'{"command": "pause", "environment": "e", "why": "x"}', "unknown field `why`"),
        (b'{"command": "reboot"}', "Invalid value 'reboot'"),
    ],
)
def test_a_malformed_request_is_refused_with_what_is_wrong(body, reason):
    refused(parse(body), reason, RefusalCode.MALFORMED)
