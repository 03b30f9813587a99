"""The reading of a log: the number of calls and bytes, and the sentence about a log that cannot be read."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.evidence.corpus import ALL, log_of
from tests.unit.samples import NOW
from wardrop.errors import Unavailable
from wardrop.evidence.diagnosis import diagnose
from wardrop.evidence.gather import GatherEvidence
from wardrop.evidence.log_part import GROWS_FOR, LogName, LogPart

LOG = LogName("e-1", "our-request")
LAUNCHED = LogName("e-1", "our-request", NOW)
BROKEN = log_of(ALL[0].body, noisy=False)
SILENCE = log_of("", noisy=False)


class Logs:
    """A store with one log. The call with the name `failing` is denied."""

    def __init__(self, end: bytes, beginning: bytes | None = None, failing: str = "") -> None:
        self.contents = {"end": end, "beginning": beginning}
        self.failing = failing
        self.launch: bytes | None = None
        self.calls: list[str] = []
        self.modified_at = NOW - timedelta(hours=1)

    def address(self, log: LogName) -> str:
        return f"s3://bucket/{log.environment_id}/{log.request_id}"

    def end(self, _log: LogName) -> LogPart:
        return LogPart(self._content("end"), self.contents["beginning"] is None, "etag", self.modified_at)

    def beginning(self, _log: LogName, etag: str) -> bytes:
        assert etag == "etag"
        return self._content("beginning")

    def newest_launch(self, _log: LogName, since: datetime) -> str | None:
        assert since == LAUNCHED.started_at
        self.calls.append("newest launch")
        if self.failing == "newest launch":
            raise Unavailable("S3 denies access")
        return "selfstartup/i-1" if self.launch is not None else None

    def of_launch(self, _key: str) -> LogPart:
        self.calls.append("launch")
        return LogPart(self.launch or b"", True, "etag", self.modified_at)

    def address_of(self, key: str) -> str:
        return f"s3://bucket/{key}"

    def _content(self, name: str) -> bytes:
        self.calls.append(name)
        if name == self.failing:
            raise Unavailable("S3 denies access")
        return self.contents[name] or b""


def test_the_end_of_the_log_is_enough_if_it_names_the_cause():
    logs = Logs(BROKEN, SILENCE)
    assert GatherEvidence(logs).explain(LOG, NOW).cause is not None
    assert logs.calls == ["end"]


def test_the_beginning_is_read_if_the_end_names_no_cause():
    logs = Logs(SILENCE, BROKEN)
    assert GatherEvidence(logs).explain(LOG, NOW).cause is not None
    assert logs.calls == ["end", "beginning"]


def test_a_whole_log_is_read_once():
    logs = Logs(SILENCE)
    explanation = GatherEvidence(logs).explain(LOG, NOW)
    assert explanation.cause is None
    assert logs.calls == ["end"]
    assert explanation.sentence == "the deployment log does not name the cause: s3://bucket/e-1/our-request"


def test_a_log_of_which_a_part_was_not_read_is_not_said_to_name_no_cause():
    explanation = GatherEvidence(Logs(SILENCE, SILENCE)).explain(LOG, NOW)
    assert explanation.sentence == (
        "the parts of the deployment log that Wardrop read do not name the cause: s3://bucket/e-1/our-request"
    )


def test_a_log_that_is_still_written_is_reported_as_such():
    logs = Logs(SILENCE)
    logs.modified_at = NOW - GROWS_FOR + timedelta(seconds=1)
    assert "Wardrop read it while it was still being written" in GatherEvidence(logs).explain(LOG, NOW).sentence


@pytest.mark.parametrize("call", ["end", "beginning"])
def test_a_log_that_cannot_be_read_names_no_cause_and_the_sentence_says_why(call):
    explanation = GatherEvidence(Logs(SILENCE, BROKEN, failing=call)).explain(LOG, NOW)
    assert explanation.cause is None
    assert explanation.sentence == (
        "cannot tell the cause, because S3 denies access; if the deployment log exists, it is at s3://bucket/e-1/our-request"
    )


def test_the_log_of_an_instance_that_was_launched_later_names_the_cause_if_the_deployment_log_does_not():
    logs = Logs(SILENCE)
    logs.launch = BROKEN
    explanation = GatherEvidence(logs).explain(LAUNCHED, NOW)
    assert logs.calls == ["end", "newest launch", "launch"]
    assert explanation.log == "s3://bucket/selfstartup/i-1"
    assert explanation.sentence.startswith("the log of an instance says that ")


@pytest.mark.parametrize("failing", ["", "newest launch"])
def test_without_such_a_log_the_explanation_is_that_of_the_deployment_log(failing):
    logs = Logs(SILENCE, failing=failing)
    explanation = GatherEvidence(logs).explain(LAUNCHED, NOW)
    assert explanation.sentence == "the deployment log does not name the cause: s3://bucket/e-1/our-request"


def test_a_log_that_names_the_cause_is_the_only_one_that_is_read():
    logs = Logs(BROKEN)
    GatherEvidence(logs).explain(LAUNCHED, NOW)
    assert logs.calls == ["end"]


@given(st.binary(max_size=3_000) | st.text(max_size=3_000).map(str.encode), st.booleans())
def test_no_content_of_a_log_is_an_error(content, starts_inside):
    """An unexpected log does not delay a rollback."""
    diagnose(content, starts_inside=starts_inside)


PIECES = [
    *["Caused by: ", "java.lang.IllegalStateException: x", "\tat com.acme.A.b(A.java:1)", "\t... 3 more", "\n"],
    *["[ERROR] ", "Command 01_a failed", "Stderr:", "Suppressed: ", "Wrapped by: ", "2026-11-28 12:00:07,123 "],
    *["Description:", "Action:", "nested exception is ", "Exited with error code 1", " WARN ", "결제"],
    *["-----BEGIN RSA PRIVATE KEY-----", "password=x"],
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_mixture_of_what_logs_consist_of_is_an_error(text):
    cause = diagnose(text.encode())
    assert cause is None or cause.quotes
