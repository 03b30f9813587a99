"""The question to a function, and its answer, which may be anything."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop.evidence.check_record import Answer, Result
from wardrop.evidence.check_subject import MAX_ANSWER, CheckSubject, answer_of, question, quoted, url_of

SUBJECT = CheckSubject(
    application="shop",
    environment="shop-prod",
    environment_id="e-abcdefghij",
    version_label="shop-42",
    previous_version_label="shop-41",
    url="http://shop-prod.us-east-1.elasticbeanstalk.com",
    deployment="20260102T090000Z-4f1c",
    phase="deployed",
)


def test_the_question_is_the_documented_json():
    assert json.loads(question(SUBJECT)) == {
        "application": "shop",
        "environment": "shop-prod",
        "environment_id": "e-abcdefghij",
        "version_label": "shop-42",
        "previous_version_label": "shop-41",
        "url": "http://shop-prod.us-east-1.elasticbeanstalk.com",
        "deployment": "20260102T090000Z-4f1c",
        "phase": "deployed",
    }


@pytest.mark.parametrize(
    ("cname", "url"),
    [
        ("shop.us-east-1.elasticbeanstalk.com", "http://shop.us-east-1.elasticbeanstalk.com"),
        ("Shop.eba-x.eu-west-1.elasticbeanstalk.com", "http://shop.eba-x.eu-west-1.elasticbeanstalk.com"),
        ("shop.cn-north-1.elasticbeanstalk.com.cn", "http://shop.cn-north-1.elasticbeanstalk.com.cn"),
        (None, None),
        ("", None),
        ("169.254.169.254", None),
        ("evil.example.com", None),
        ("evil.example.com/.elasticbeanstalk.com", None),
        ("user@shop.elasticbeanstalk.com", None),
        ("shop.elasticbeanstalk.com.evil.example.com", None),
        ("a\r\nb.elasticbeanstalk.com", None),
    ],
)
def test_only_the_cnames_of_beanstalk_have_a_url(cname, url):
    assert url_of(cname) == url


@pytest.mark.parametrize("result", ["passed", "failed", "unknown"])
def test_the_documented_answers(result):
    payload = json.dumps({"result": result, "reason": "3 of 3 orders", "more": {"is": "ignored"}}).encode()
    assert answer_of(payload) == Answer(Result(result), f'answered {result}: "3 of 3 orders"')
    assert answer_of(json.dumps({"result": result}).encode()) == Answer(Result(result), f"answered {result}")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"true",
        b'"passed"',
        b"[]",
        b"{}",
        b'{"result": "PASSED"}',
        b'{"result": "no_answer"}',
        b'{"result": true}',
        b'{"result": "passed", "reason": 7}',
        b'{"result": "passed"',
        b"\xff\xfe\x00",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"result": "passed", "reason": "' + b"x" * MAX_ANSWER + b'"}',
    ],
)
def test_everything_else_is_unknown(payload):
    assert answer_of(payload).result is Result.UNKNOWN
    assert len(answer_of(payload).reason) < 400


@given(st.binary(max_size=300))
def test_no_answer_raises(payload):
    assert answer_of(payload).result in (Result.UNKNOWN, Result.PASSED, Result.FAILED)


def test_a_reason_is_one_line_without_secrets():
    payload = msgspec.json.encode(
        {"result": "failed", "reason": "a\r\n<!channel> token=abc123secret \u202e" + "x" * 500}
    )
    reason = answer_of(payload).reason
    assert reason.isprintable()
    assert "abc123secret" not in reason
    assert len(reason) < 240


@given(st.binary(max_size=2000))
def test_a_quotation_is_one_short_line(content):
    assert len(quoted(content)) <= 202
    assert not set(quoted(content)) & set("\r\n\t\x00\u202e")
