"""Judges the response to a check's request."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from wardrop.configuration.check import Check, is_path
from wardrop.evidence.check_record import Answer, Result
from wardrop.evidence.check_subject import quoted, unknown

MAX_BODY = 64 * 1024
"""The maximum number of bytes of a response that are read and searched for the text in `contains`."""

MOST_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)
_TAGS = re.compile(rb"<(?:style|script)\b.*?</(?:style|script)>|<[^<>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    body: bytes
    """The body, truncated after MAX_BODY bytes."""

    location: str | None = None
    encoding: str = ""
    """The Content-Encoding. It is usually empty, because the request accepts no encoding."""

    is_cut: bool = False
    """Whether the response is longer than MAX_BODY."""

    is_broken: bool = False
    """Whether the response is incomplete, because the time limit was reached or the connection was closed."""


def redirect_path(check: Check, answer: HttpAnswer, host: str, path: str) -> str | None:
    """Returns the path to which the response redirects, if the scheme, the host and the port stay the same.

    Returns None if there is no redirect to follow.
    """
    if answer.status not in REDIRECTS or answer.status == check.expected_status or answer.location is None:
        return None
    base = f"{'https' if check.is_encrypted else 'http'}://{host}"
    try:
        target = urlsplit(urljoin(f"{base}{path}", answer.location))
        port = target.port
    except ValueError:
        return None
    usual = (None, 443 if check.is_encrypted else 80)
    if f"{target.scheme}://{target.hostname}" != base or port not in usual or target.username is not None:
        return None
    following = f"{target.path or '/'}{'?' if target.query else ''}{target.query}"
    return following if is_path(following) else None


def judge(check: Check, answer: HttpAnswer) -> Answer:
    if answer.status != check.expected_status:
        return Answer(Result.FAILED, f"answered {answer.status}, not {check.expected_status}{_details(answer)}")
    if check.contains is None:
        return Answer(Result.PASSED, f"answered {answer.status}")
    if answer.encoding not in ("", "identity"):
        encoding = quoted(answer.encoding.encode())
        return unknown(f"answered {answer.status} with the content encoding {encoding}, so Wardrop cannot search it")
    wanted = f'"{check.contains}"'
    if check.contains.encode() in answer.body:
        return Answer(Result.PASSED, f"answered {answer.status} with {wanted}")
    if answer.is_broken:
        limit = check.time_limit.text
        failure = f"did not send a complete answer with {wanted} within {limit}"
        return Answer(Result.FAILED, f"answered {answer.status}, but {failure}")
    part = f" in its first {MAX_BODY // 1024} KB" if answer.is_cut else ""
    return Answer(Result.FAILED, f"answered {answer.status} without {wanted}{part}{_details(answer)}")


def _details(answer: HttpAnswer) -> str:
    if answer.status in REDIRECTS and answer.location:
        return f" (a redirect to {quoted(answer.location.encode(errors='replace'))})"
    text = b" " if answer.encoding not in ("", "identity") else _TAGS.sub(b" ", answer.body[:4096]).strip()
    return f": {quoted(text)}" if text.strip() else ""


def redirected(answer: Answer, check: Check, path: str) -> Answer:
    """Adds the path of a redirect to the reason, because even a redirect to a login page may lead to status 200."""
    if path == check.path:
        return answer
    return Answer(answer.result, f"redirected to {quoted(path.encode())}, which {answer.reason}")


def too_many_redirects(status: int) -> Answer:
    return Answer(Result.FAILED, f"answered {status} after {MOST_REDIRECTS} redirects; Wardrop does not follow more")
