"""Escapes foreign text for Slack's mrkdwn, so that Slack shows the text unchanged and does not interpret it as markup.

`&`, `<` and `>` are Slack's control characters and must be escaped (Slack, "Formatting text for app surfaces").
"""

import re

ELLIPSIS = "…"
MAX_LINK = 1000
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Characters that are removed: lone surrogates, which are invalid, and invisible characters.

An invisible direction mark can make one string look like another.
"""

_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_MENTION = re.compile(r"@(?=(here|channel|everyone|group)\b)", re.IGNORECASE)
_WORD_JOINER = "\u2060"
"""An invisible character. Inside a mention, it prevents clients from recognizing the mention."""


def escape(text: str, limit: int) -> str:
    """Returns the escaped text on one line. Including entities, it has at most `limit` characters."""
    line = _CONTROL.sub(" ", _INVISIBLE.sub("", text[: 4 * limit])).strip()
    # A backtick would start or end code, so a similar character replaces it.
    line = _MENTION.sub(f"@{_WORD_JOINER}", line.replace("`", "ˋ"))
    return _cut("".join(_ENTITIES.get(character, character) for character in line), limit)


def code(text: str, limit: int) -> str:
    """Returns inline code, such as a command to copy. If the text is empty, returns an empty string."""
    escaped = escape(text, limit - 2)
    return f"`{escaped}`" if escaped else ""


def link(url: str, label: str) -> str:
    """Returns a link, or only the label if the URL is not https or is too long. The label must already be escaped."""
    # Characters that could end the link are percent-encoded.
    safe = re.sub(r"[<>|@\s\x00-\x1f`\"]", lambda match: f"%{ord(match[0]):02X}", url).replace("&", "&amp;")
    return f"<{safe}|{label}>" if safe.startswith("https://") and len(safe) <= MAX_LINK else label


def _cut(escaped: str, limit: int) -> str:
    if len(escaped) <= limit:
        return escaped
    # If the cut is inside an entity, the rest of the entity is removed.
    return re.sub(r"&[a-z]*$", "", escaped[: limit - 1]).rstrip() + ELLIPSIS
