"""Slack's HTTP interface: the methods of the Web API that post and edit messages, and incoming webhooks."""

import json
import math
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from local.faults import Faults
from local.slack.page import page
from local.slack.workspace import BOT_TOKEN, CHANNELS, HERE, REVOKED_TOKEN, WEBHOOKS, Message, Workspace, channel_named

LONGEST_TEXT = 40_000
"""chat.postMessage truncates a text to this number of characters."""
LONGEST_NEW_TEXT = 4_000
"""chat.update refuses a longer text with msg_too_long. Slack does not document this limit."""
MOST_ATTACHMENTS = 100
TRUNCATED = {
    "messages": [
        "[WARN] Your message was truncated but still posted. The `text` field accepts up to 40,000 characters."
    ],
    "warnings": ["message_truncated"],
}
"""https://docs.slack.dev/changelog/2018-04-truncating-really-long-messages"""

Given = dict[str, Any]


class Refused(Exception):
    """The request fails with one of Slack's error codes. Some codes have messages."""

    def __init__(self, code: str, messages: list[str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []


class TooFast(Exception):
    """The request exceeds a rate limit. `seconds` is the value of the header Retry-After."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = max(1, math.ceil(seconds))


class Slack:
    """A WSGI application under `/slack`: the API, webhooks, and a page that shows the messages."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._workspace = Workspace()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        first, _, rest = request.path.strip("/").partition("/")
        if first == "api" and rest:
            response = self._api(request, rest)
        elif first == "services" and rest:
            response = self._webhook(request, rest)
        elif first == "messages":
            messages = [message.describe() for message in self._workspace.messages]
            response = Response(json.dumps(messages) + "\n", mimetype="application/json")
        elif first:
            response = Response("use /slack, /slack/messages, /slack/api/ or /slack/services/\n", 404)
        else:
            channel = request.args.get("channel", CHANNELS[HERE][0])
            response = Response(page(self._workspace.messages, channel), mimetype="text/html")
        return response(environ, start_response)

    def _fails(self) -> Response | None:
        if self._faults.strikes("slack-down"):
            return Response("<html><body>Service Unavailable</body></html>", 503, mimetype="text/html")
        if fault := self._faults.strikes("slack-429"):
            raise TooFast(fault.parameters["seconds"])
        return None

    # The Web API: https://docs.slack.dev/reference/methods

    def _api(self, request: Request, method: str) -> Response:
        methods = {"chat.postMessage": self._post_message, "chat.update": self._update, "auth.test": self._auth_test}
        try:
            if failure := self._fails():
                return failure
            if method not in methods:
                raise Refused("unknown_method")
            given = _arguments(request)
            self._authenticate(request, given)
            answer = methods[method](given)
        except Refused as refused:
            answer = {"ok": False, "error": refused.code}
            if refused.messages:
                answer["errors"] = refused.messages
                answer["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in refused.messages]}
            return Response(json.dumps(answer), mimetype="application/json")
        except TooFast as fast:
            headers = {"Retry-After": str(fast.seconds)}
            return Response('{"ok": false, "error": "ratelimited"}', 429, headers, mimetype="application/json")
        if self._faults.strikes("fails-after-effect", action=method):
            return Response("<html><body>Internal Server Error</body></html>", 500, mimetype="text/html")
        return Response(json.dumps({"ok": True, **answer}), mimetype="application/json")

    def _authenticate(self, request: Request, given: Given) -> None:
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else given.get("token", "")
        if not token:
            raise Refused("not_authed")
        if token == REVOKED_TOKEN or (token == BOT_TOKEN and self._faults.strikes("slack-revoked")):
            raise Refused("token_revoked")
        if token != BOT_TOKEN:
            raise Refused("invalid_auth")

    def _auth_test(self, _: Given) -> dict[str, Any]:
        return {"url": "https://wardrop.slack.com/", "team": "Wardrop", "user": "wardrop", "team_id": "T0WARDROP01"}

    def _post_message(self, given: Given) -> dict[str, Any]:
        _must_have(given, "channel")
        channel = channel_named(str(given["channel"]))
        if channel is None:
            raise Refused("channel_not_found")
        if wrong := CHANNELS[channel][1]:
            raise Refused(wrong)
        content = _content(given)
        if not any(content.values()):
            raise Refused("no_text")
        thread = given.get("thread_ts")
        if thread and self._workspace.find(channel, str(thread)) is None:
            raise Refused("thread_not_found")
        self._must_not_be_too_fast(channel)
        message = self._workspace.post(channel, content, str(thread) if thread else None, by_webhook=False)
        truncated = len(given.get("text") or "") > LONGEST_TEXT
        return {**_answered(message), **({"response_metadata": TRUNCATED} if truncated else {})}

    def _update(self, given: Given) -> dict[str, Any]:
        _must_have(given, "channel", "ts")
        channel = str(given["channel"])
        if channel not in CHANNELS:  # chat.update accepts the channel's id, but not its name
            raise Refused("channel_not_found")
        content, message = _content(given), self._workspace.find(channel, str(given["ts"]))
        if not any(name in given for name in ("text", "blocks", "attachments")):
            raise Refused("no_text")
        if len(content["text"]) > LONGEST_NEW_TEXT:
            raise Refused("msg_too_long")
        if message is None:
            raise Refused("message_not_found")
        if message.by_webhook:
            raise Refused("cant_update_message")
        changes = {name: value for name, value in content.items() if name in given}
        if "text" in given and "blocks" not in given:
            changes["blocks"] = []  # a new text without blocks removes the blocks (reference of chat.update)
        left = {"text": message.text, "blocks": message.blocks, "attachments": message.attachments} | changes
        if not any(left.values()):
            raise Refused("no_text")
        self._must_not_be_too_fast("update")
        self._workspace.edit(message, changes)
        return {**_answered(message), "text": message.text}

    def _must_not_be_too_fast(self, what: str) -> None:
        if seconds := self._workspace.seconds_to_wait(what):
            raise TooFast(seconds)

    # https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks

    def _webhook(self, request: Request, hook: str) -> Response:
        try:
            if failure := self._fails():
                return failure
            status, text = self._posted(request, hook)
        except Refused as refused:
            status, text = 400, refused.code
        except TooFast as fast:
            headers = {"Retry-After": str(fast.seconds)}
            return Response("rate_limited", 429, headers, mimetype="text/plain")
        if status < 300 and self._faults.strikes("fails-after-effect", action="webhook"):
            status, text = 500, "rollup_error"
        return Response(text, status, mimetype="text/html")

    def _posted(self, request: Request, hook: str) -> tuple[int, str]:
        channel = hook.rpartition("/")[0]
        if hook not in WEBHOOKS and any(webhook.startswith(f"{channel}/") for webhook in WEBHOOKS):
            return 403, "invalid_token"
        if hook not in WEBHOOKS or self._faults.strikes("slack-revoked"):
            return 404, "no_service"
        status, body = WEBHOOKS[hook]
        if status >= 300:
            return status, body
        try:
            given = json.loads(request.form.get("payload") or request.get_data(as_text=True))
        except ValueError:
            return 400, "invalid_payload"
        if not isinstance(given, dict):
            return 400, "invalid_payload"
        content = _content(given)
        if not any(content.values()):
            return 400, "no_text"
        self._must_not_be_too_fast(hook)
        self._workspace.post(HERE, content, None, by_webhook=True)
        return status, body


def _arguments(request: Request) -> Given:
    """Returns the arguments of the method, from a JSON body, a form, or the query."""
    if request.mimetype != "application/json":
        return request.values.to_dict()
    try:
        given = json.loads(request.get_data())
    except ValueError as error:
        raise Refused("invalid_json") from error
    if not isinstance(given, dict):
        raise Refused("json_not_object")
    return given


def _must_have(given: Given, *names: str) -> None:
    if missing := [f"missing required field: {name}" for name in names if not given.get(name)]:
        raise Refused("invalid_arguments", missing)


def _content(given: Given) -> dict[str, Any]:
    """Checks text, blocks and attachments. Slack also accepts blocks and attachments as a string that contains JSON."""
    from local.slack.blocks import LONGEST_MESSAGE, errors_of, size_of  # importing jsonschema would slow the start

    text = given.get("text") or ""
    if not isinstance(text, str):
        raise Refused("invalid_arguments", ["must be a string [json-pointer:/text]"])
    blocks, attachments = (
        _listed(given, "blocks", "invalid_blocks_format"),
        _listed(given, "attachments", "invalid_attachments"),
    )
    if len(attachments) > MOST_ATTACHMENTS:
        raise Refused("too_many_attachments")
    errors, inside = errors_of(blocks), list(blocks)
    for number, attachment in enumerate(attachments):
        if not isinstance(attachment, dict):
            raise Refused("invalid_attachments")
        nested = attachment.get("blocks", [])
        inside += nested if isinstance(nested, list) else []
        errors += errors_of(nested, f"/attachments/{number}/blocks")
    if errors:
        raise Refused("invalid_blocks", errors)
    if size_of(inside) > LONGEST_MESSAGE:
        raise Refused("msg_blocks_too_long")
    return {"text": text[:LONGEST_TEXT], "blocks": blocks, "attachments": attachments}


def _listed(given: Given, name: str, code: str) -> list[Any]:
    value = given.get(name) or []
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise Refused(code) from error
    if not isinstance(value, list):
        raise Refused(code)
    return value


def _answered(message: Message) -> dict[str, Any]:
    thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
    content = {"text": message.text, "blocks": message.blocks, "attachments": message.attachments}
    fields = {"type": "message", "subtype": "bot_message", "ts": message.ts, **thread, **content}
    return {"channel": message.channel, "ts": message.ts, "message": fields}
