"""Posts to an incoming webhook of Slack, or to a service that accepts the same requests.

Examples of such services are Mattermost and relays.
"""

from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec

from wardrop.slack.api import Posted
from wardrop.slack.blocks import SlackMessage
from wardrop.slack.errors import MessageGone, Unreachable
from wardrop.slack.refusals import webhook_refusal

TIMEOUT_SECONDS = 5
MAX_ANSWER_BYTES = 4096
HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "wardrop"}


class _NoRedirects(HTTPRedirectHandler):
    """Refuses redirects.

    Otherwise, Python would follow a redirect with a GET request, and its response could look like success.
    """

    def redirect_request(self, *_: Any) -> None:
        return None


class Webhook:
    edits = False

    def __init__(self, url: str) -> None:
        self._url = url
        self._opener = build_opener(_NoRedirects)

    def post(self, channel: str, message: SlackMessage) -> Posted:
        """Posts to the webhook's own channel, and ignores `channel`. Every status 2xx is a success."""
        del channel
        content = {name: value for name, value in msgspec.to_builtins(message).items() if value}
        body = msgspec.json.encode(content | {"unfurl_links": False})
        request = Request(self._url, body, HEADERS, method="POST")  # noqa: S310 - `connect` checks the scheme
        try:
            self._opener.open(request, timeout=TIMEOUT_SECONDS).close()
        except HTTPError as error:
            raise _refusal(error) from None
        except (OSError, HTTPException, ValueError) as error:
            raise unreachable(error) from None
        return Posted("", "")

    def edit(self, posted: Posted, message: SlackMessage) -> None:
        del posted, message
        raise MessageGone("a webhook cannot edit messages")

    def reply(self, posted: Posted, message: SlackMessage, *, broadcast: bool) -> None:
        del posted, message, broadcast
        raise MessageGone("a webhook cannot reply to messages")


def _refusal(error: HTTPError) -> Exception:
    """Reads only the beginning of the response, with one read, so that a long or slow response causes no delay."""
    with error:
        try:
            start = error.fp.read1(MAX_ANSWER_BYTES) if hasattr(error.fp, "read1") else b""
        except (OSError, HTTPException, ValueError):
            start = b""
    return webhook_refusal(start.decode(errors="replace"), error.code, error.headers.get("Retry-After"))


def unreachable(error: Exception) -> Unreachable:
    """Names only the type of the original error, because its text may contain the webhook's URL."""
    return Unreachable(f"Slack cannot be reached: {type(error).__name__}")
