"""Cleans untrusted text, such as file names, metadata and events, and limits its length.

This module cleans every text that people read: the reasons of errors, deployments and receipts, the texts of alerts and
answers, descriptions, tags and commands. tests/unit/test_shown_texts.py lists these texts.
"""

import re
from shlex import quote

import msgspec

REPLACEMENT = "\ufffd"

_NOT_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""Characters that XML and SQS refuse (XML 1.0, "Characters"; SQS API reference, SendMessage)."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Line breaks of every kind, tabs, and all other control characters."""

_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Invisible characters that change the direction of writing. They can make one text look like another."""

_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_NOT_IN_TAGS = re.compile(r"[^A-Za-z0-9 +\-=._:/@]+")
"""Matches the characters that S3 refuses in tags (S3 user guide, "Categorizing your storage using tags").

Letters beyond ASCII also match, although S3 accepts them.
"""

MAX_DESCRIPTION = 200
"""The longest description, in characters (Elastic Beanstalk API reference, CreateApplicationVersion)."""

MAX_TAG_VALUE = 256

MAX_SENTENCE = 2_000
"""The longest sentence, in characters.

Most sentences have about 200 characters, but a sentence may quote a key in S3, which may have 1,024 characters.
"""


def whole_characters(text: str) -> str:
    """Joins each surrogate pair into one character, because JSON and YAML may represent a character as a pair.

    Replaces lone surrogates, because DynamoDB refuses them.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_line(text: str, limit: int | None = None) -> str:
    """Removes or replaces characters that end a line, hide text, or are refused by AWS. Shortens the line to `limit`.

    Repeated spaces are kept, because the name of an application may contain them.
    """
    # A long text is truncated before it is cleaned, so that cleaning takes no longer than for a short text.
    cut = text if limit is None else text[: 2 * limit + 2]
    if cut.isascii() and cut.isprintable():
        return cut if limit is None else shortened(cut, limit)
    whole = whole_characters(cut)
    line = _NOT_TEXT.sub(REPLACEMENT, _DIRECTION_MARKS.sub("", _CONTROLS.sub(" ", whole)))
    return line if limit is None else shortened(line, limit)


def sentence(text: str) -> str:
    """Returns the text as a sentence for people: one line of at most MAX_SENTENCE characters."""
    return one_line(text, MAX_SENTENCE)


def clean(record: msgspec.Struct, *fields: str, limit: int = MAX_SENTENCE) -> None:
    """Cleans these text fields of a new record. Each field becomes one line of at most `limit` characters.

    Records call this function in `__post_init__`, so that these fields are clean in every record, whichever module
    creates it.
    """
    for field in fields:
        text: str | None = getattr(record, field)
        if text is not None and text != (cleaned := one_line(text, limit)):
            msgspec.structs.force_setattr(record, field, cleaned)


def for_description(text: str, limit: int = MAX_DESCRIPTION) -> str:
    """Returns the text as a description that Beanstalk accepts.

    Beanstalk refuses a description that contains an emoji. The error is `Invalid unicode xml character in
    CreateApplicationVersionMessage.Description` (travis-ci/dpl issue 462).
    """
    line = _BEYOND_BMP.sub("?", one_line(text))
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def for_command(text: str) -> str:
    """Returns the text as one word of a command that people copy into a shell. Adds quotes if the word needs them."""
    return quote(one_line(text))


def for_tag(text: str) -> str:
    """Returns the text as the value of an object tag: at most 256 ASCII characters that S3 accepts."""
    allowed = _NOT_IN_TAGS.sub(" ", text.replace(";", " -"))
    return re.sub(r" +", " ", allowed).strip()[:MAX_TAG_VALUE].strip()


def shortened(text: str, limit: int) -> str:
    """Shortens a text that is longer than `limit` characters. Its last character is then an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
