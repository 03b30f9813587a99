"""Text that others wrote, in Slack's mrkdwn: it is shown as it is, and means nothing there.

Slack's "Formatting text for app surfaces": `&`, `<` and `>` are its control characters, and escaped they are text.
"""

import re

ELLIPSIS = "…"
MOST_LINK = 1000
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Marks of direction can make a text read as another one; half a surrogate is no text at all."""

_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_MENTION = re.compile(r"@(?=(here|channel|everyone|group)\b)", re.IGNORECASE)
_WORD_JOINER = "\u2060"
"""Not seen, and no longer a mention for a client that would look for names by itself."""


def shown(text: str, most: int) -> str:
    """On one line, in at most so many characters as Slack gets them."""
    line = _CONTROL.sub(" ", _UNSEEN.sub("", text[: 4 * most])).strip()
    # A backtick would begin code, or end ours; this one only looks like it.
    line = _MENTION.sub(f"@{_WORD_JOINER}", line.replace("`", "ˋ"))
    return _cut("".join(_ESCAPED.get(character, character) for character in line), most)


def code(text: str, most: int) -> str:
    """As inline code, such as a command to copy; empty if there is nothing."""
    inside = shown(text, most - 2)
    return f"`{inside}`" if inside else ""


def link(url: str, label: str) -> str:
    """`label` is ours; only the label where `url` is no web address, or a longer one than consoles have."""
    # What could end the link is percent-encoded.
    safe = re.sub(r"[<>|@\s\x00-\x1f`\"]", lambda found: f"%{ord(found[0]):02X}", url).replace("&", "&amp;")
    return f"<{safe}|{label}>" if safe.startswith("https://") and len(safe) <= MOST_LINK else label


def _cut(escaped: str, most: int) -> str:
    if len(escaped) <= most:
        return escaped
    # An entity is kept whole or not at all.
    return re.sub(r"&[a-z]*$", "", escaped[: most - 1]).rstrip() + ELLIPSIS
