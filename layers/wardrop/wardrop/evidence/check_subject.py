"""Builds the input of a check function, and parses the function's response."""

import re
from typing import Literal

import msgspec

from wardrop.evidence.check_record import Answer, Result
from wardrop.foreign_text import one_line, shortened

MAX_ANSWER = 64 * 1024
"""The largest answer that is read from a function, in bytes."""

MAX_REASON = 200

_CNAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?\.elasticbeanstalk\.com(?:\.cn)?")
"""The CNAMEs that Elastic Beanstalk gives to environments. Checks send no request to any other host."""


class CheckSubject(msgspec.Struct, frozen=True, kw_only=True):
    """The version to check. A function receives this structure as JSON."""

    application: str
    environment: str
    environment_id: str
    version_label: str
    previous_version_label: str | None
    """The version that ran before the update. None: no version ran."""

    url: str | None
    """The http URL of the environment. None: the environment has no CNAME, for example in the worker tier."""

    deployment: str
    phase: str
    """`deployed`: the first check after the update. `baking`: a later check."""

    @property
    def cname(self) -> str | None:
        return self.url.removeprefix("http://") if self.url else None


class _FunctionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    result: Literal["passed", "failed", "unknown"]
    reason: str = ""


def url_of(cname: str | None) -> str | None:
    """Returns the URL of an environment, or None if the environment has no CNAME from Elastic Beanstalk."""
    return f"http://{cname.lower()}" if cname and _CNAME.fullmatch(cname.lower()) else None


def question(subject: CheckSubject) -> bytes:
    return msgspec.json.encode(subject)


def answer_of(payload: bytes) -> Answer:
    """Parses the response of a function. If the response does not have the documented form, the result is unknown."""
    if len(payload) > MAX_ANSWER:
        return unknown(f"answered with more than {MAX_ANSWER // 1024} KB")
    try:
        answer = msgspec.json.decode(payload, type=_FunctionAnswer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return unknown(f'answered {quoted(payload)}, which is not {{"result": "passed", "failed" or "unknown"}}')
    said = f": {quoted(answer.reason.encode(errors='replace'))}" if answer.reason else ""
    return Answer(Result(answer.result), f"answered {answer.result}{said}")


def unknown(reason: str) -> Answer:
    return Answer(Result.UNKNOWN, reason)


def quoted(content: bytes) -> str:
    """Returns the beginning of an untrusted text as one line, in quotes and without secrets."""
    from wardrop.evidence.masking import masked  # Imported here, because the import compiles many patterns.

    text = " ".join(one_line(content[: 4 * MAX_REASON].decode(errors="replace")).split())
    return f'"{shortened(masked(text), MAX_REASON)}"'
