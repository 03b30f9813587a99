"""Cleans untrusted text, such as file names, metadata and events, for descriptions, tags, commands and alerts."""

import re
from shlex import quote

REPLACEMENT = "\ufffd"

_NOT_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""Characters that XML and SQS refuse (XML 1.0, "Characters"; SQS API reference, SendMessage)."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Line breaks of every kind, tabs, and all other control characters."""

_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Invisible characters that can make a text look like another text."""

_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_NOT_IN_TAGS = re.compile(r"[^A-Za-z0-9 +\-=._:/@]+")
"""S3 refuses other characters except letters beyond ASCII (S3 user guide, "Categorizing your storage using tags")."""

MAX_DESCRIPTION = 200
"""The longest description, in characters (Elastic Beanstalk API reference, CreateApplicationVersion)."""

MAX_TAG_VALUE = 256


def whole_characters(text: str) -> str:
    """Joins pairs of surrogates, which JSON and YAML may contain for one character. A single surrogate is replaced.

    DynamoDB refuses single surrogates.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_line(text: str, limit: int | None = None) -> str:
    """Removes characters that end a line, hide text, or are refused by AWS.

    Repeated spaces are kept, because the name of an application may contain them.
    """
    line = _DIRECTION_MARKS.sub("", _CONTROLS.sub(" ", whole_characters(text)))
    line = _NOT_TEXT.sub(REPLACEMENT, line)
    return line if limit is None or len(line) <= limit else f"{line[: limit - 1]}…"


def for_description(text: str, limit: int = MAX_DESCRIPTION) -> str:
    """The text as a description that Beanstalk accepts.

    Beanstalk refuses a description with an emoji: `Invalid unicode xml character in
    CreateApplicationVersionMessage.Description` (travis-ci/dpl issue 462).
    """
    line = _BEYOND_BMP.sub("?", one_line(text))
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def for_command(text: str) -> str:
    """One word of a command that people copy into a shell, in quotes if it needs them."""
    return quote(one_line(text))


def for_tag(text: str) -> str:
    """The value of an object tag: at most 256 characters of ASCII."""
    allowed = _NOT_IN_TAGS.sub(" ", text.replace(";", " -"))
    return re.sub(r" +", " ", allowed).strip()[:MAX_TAG_VALUE].strip()


def shortened(text: str, limit: int) -> str:
    """The text with at most `limit` characters. An ellipsis replaces the rest."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
