"""Decodes untrusted JSON, such as events, messages and requests."""

from typing import TypeVar

import msgspec

from wardrop.errors import Malformed

Decoded = TypeVar("Decoded")

JSON_ERRORS = (msgspec.MsgspecError, RecursionError, UnicodeError)
"""The errors that msgspec raises for invalid input.

RecursionError means that values are nested too deeply, even in a field that is not read. UnicodeError means that the
text contains a lone surrogate.
"""


def decode(content: str | bytes, kind: type[Decoded], name: str) -> Decoded:
    """Decodes JSON. Raises Malformed. `name` describes the expected content, such as "a wake-up"."""
    try:
        return msgspec.json.decode(content, type=kind)
    except JSON_ERRORS as error:
        raise Malformed(f"not {name}: {problem_of(error)}") from error


def problem_of(error: Exception) -> str:
    """Returns the problem in words. The text of UnicodeError is not used, because it quotes the content."""
    match error:
        case RecursionError():
            return "its values are nested too deeply"
        case UnicodeError():
            return "it contains half of a surrogate pair, which is not a character"
        case _:
            return str(error)
