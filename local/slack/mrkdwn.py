"""Converts Slack's mrkdwn to HTML: https://docs.slack.dev/messaging/formatting-message-text"""

import re
from datetime import UTC, datetime

from markupsafe import Markup, escape

EMOJI = {
    "arrow_right": "➡️", "arrows_counterclockwise": "🔄", "bell": "🔔", "bulb": "💡", "construction": "🚧",
    "eyes": "👀", "fire": "🔥", "gear": "⚙️", "hourglass": "⌛", "hourglass_flowing_sand": "⏳",
    "information_source": "ℹ️", "large_blue_circle": "🔵", "large_green_circle": "🟢", "large_orange_circle": "🟠",
    "large_yellow_circle": "🟡", "leftwards_arrow_with_hook": "↩️", "link": "🔗", "lock": "🔒", "memo": "📝",
    "mag": "🔍", "no_entry": "⛔", "no_entry_sign": "🚫", "octagonal_sign": "🛑", "ok": "🆗", "package": "📦",
    "pushpin": "📌", "question": "❓", "raised_hand": "✋", "red_circle": "🔴", "repeat": "🔁", "rewind": "⏪",
    "rocket": "🚀", "rotating_light": "🚨", "sleeping": "😴", "snowflake": "❄️", "stopwatch": "⏱️", "tada": "🎉",
    "thumbsup": "👍", "+1": "👍", "-1": "👎", "unlock": "🔓", "warning": "⚠️", "wave": "👋",
    "white_check_mark": "✅", "heavy_check_mark": "✔️", "white_circle": "⚪", "black_circle": "⚫", "wrench": "🔧",
    "x": "❌", "zzz": "💤", "double_vertical_bar": "⏸️", "arrow_forward": "▶️", "hand": "✋", "alarm_clock": "⏰",
    "bar_chart": "📊", "calendar": "📆", "clock1": "🕐", "exclamation": "❗", "heavy_minus_sign": "➖",
}  # fmt: skip
"""The emoji that alerts use. A name without an entry is shown as text."""

MARK = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<b>\S|\S[^*\n]*?\S)\*(?![\w*])"
    r"|(?<!\w)_(?P<i>\S|\S[^\n]*?\S)_(?!\w)"
    r"|(?<![\w~])~(?P<s>\S|\S[^~\n]*?\S)~(?![\w~])"
    r"|:(?P<emoji>[a-z0-9_+-]+):"
)
QUOTE = re.compile(r"^(?:>|&gt;) ?")
SAFE_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


def plain(text: str) -> Markup:
    """Converts the text of a plain_text object, which may contain emoji and Slack's three entities."""
    return Markup("").join(
        EMOJI.get(part[1:-1], _text(part)) if part.startswith(":") else _text(part)
        for part in re.split(r"(:[a-z0-9_+-]+:)", text)
    )


def html(text: str) -> Markup:
    parts = re.split(r"\n?```(.+?)```\n?", text, flags=re.DOTALL)  # drops the line breaks before and after a code block
    return Markup("").join(
        Markup("<pre>{}</pre>").format(_text(part.strip("\n"))) if number % 2 else _lines(part)
        for number, part in enumerate(parts)
    )


def _lines(text: str) -> Markup:
    """Converts text line by line. Adjacent quoted lines form one quotation."""
    result, quoted = Markup(""), False
    for number, line in enumerate(text.split("\n")):
        is_quote = QUOTE.match(line) is not None
        if is_quote != quoted:
            result += Markup("<blockquote>") if is_quote else Markup("</blockquote>")
        elif number:
            result += Markup("<br>")
        result, quoted = result + _inline(QUOTE.sub("", line) if is_quote else line), is_quote
    return result + Markup("</blockquote>") if quoted else result


def _inline(text: str) -> Markup:
    result, end = Markup(""), 0
    for mark in MARK.finditer(text):
        result += _text(text[end : mark.start()]) + _marked(mark)
        end = mark.end()
    return result + _text(text[end:])


def _marked(mark: re.Match[str]) -> Markup:
    kind = str(mark.lastgroup)
    inner = mark[kind]
    match kind:
        case "code":
            return Markup("<code>{}</code>").format(_text(inner))
        case "angle":
            return _angle(inner)
        case "emoji":
            return escape(EMOJI.get(inner, mark[0]))
    return Markup("<{0}>{1}</{0}>").format(kind, _inline(inner))


def _angle(inner: str) -> Markup:
    target, _, label = inner.partition("|")
    if target.startswith("!date^"):
        return escape(_date(target) or label)
    if target.startswith(("!", "@", "#")):
        return Markup("<span class=mention>{}</span>").format(_text(label or "@" + target.lstrip("!@#")))
    if SAFE_LINK.match(target):
        return Markup('<a href="{}">{}</a>').format(_text(target), _text(label or target))
    return _text(f"<{inner}>")


def _date(target: str) -> str | None:
    _, seconds, pattern, *_ = [*target.split("^"), "", ""]
    try:
        moment = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    text = re.sub(r"\{date[a-z_]*\}", f"{moment:%d %b %Y}", pattern)
    return re.sub(r"\{time[a-z_]*\}", f"{moment:%H:%M} UTC", text)


def _text(text: str) -> Markup:
    return escape(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
