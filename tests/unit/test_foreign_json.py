"""JSON by other authors: it is decoded, or refused with a short sentence."""

from collections.abc import Callable

import pytest

from wardrop.aws.function_urls import read_request as read_http
from wardrop.aws.mailbox import read_wake_up
from wardrop.commands.answers import Refusal
from wardrop.commands.requests import parse
from wardrop.drops.drop import read_event as read_drop
from wardrop.errors import Malformed
from wardrop.guard.request import read_request
from wardrop.health.events import read_event
from wardrop.slack.post import read_notification

READERS = (read_drop, read_event, read_request, read_notification, read_wake_up)

HOSTILE = {
    "nested deep in a field that is not read": '{"x": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "half a surrogate pair": '{"x": "\ud800"}',
    "half an escaped surrogate pair": '{"x": "\\ud800"}',
    "a number of 5,000 digits": '{"detail": {"EventDate": ' + "9" * 5_000 + "}}",
    "a number beyond a float": '{"detail": {"EventDate": 1e999}}',
    "a long name of a field": '{"' + "x" * 100_000 + '": 1}',
    "a long value": '{"source": ["' + "x\\n" * 50_000 + '"]}',
    "no JSON": "[" * 200_000,
    "nothing": "",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("read", READERS, ids=[f"{read.__module__}.{read.__name__}" for read in READERS])
def test_a_hostile_message_is_malformed_and_nothing_else(read: Callable[[str], object], body: str):
    with pytest.raises(Malformed) as caught:
        read(body)
    assert len(caught.value.reason) <= 2_000
    assert len(caught.value.reason.splitlines()) == 1


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_request_is_refused(body: str):
    signed = read_http({"body": body, "requestContext": {"authorizer": {"iam": {"userArn": "arn"}}}})
    refusal = parse(signed.body)
    assert isinstance(refusal, Refusal)
    assert len(refusal.reason) <= 2_000


@pytest.mark.parametrize("body", ["é", "\ud800", "a", "====", "[" * 99])
def test_a_request_that_only_claims_to_be_base64_is_refused(body: str):
    signed = read_http({"body": body, "isBase64Encoded": True})
    assert signed.body is None
    assert isinstance(parse(signed.body), Refusal)
