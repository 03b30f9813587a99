"""The SSM parameter of an application's configuration: its name, and the document in it.

Parameter Store accepts only letters, digits, `.`, `-` and `_` in a name, and `/` between its parts (AWS Systems Manager
API reference, PutParameter). Beanstalk also accepts white space, quotes, brackets, `,`, `+` and a backslash.
"""

import re
from datetime import datetime

import msgspec

_ESCAPED = re.compile(r"[^A-Za-z0-9._-]|_(?![A-Za-z0-9.-]|$)")
_ESCAPES = re.compile(r"(?:__[0-9a-f]{2})+")


class Document(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    version: int
    """The version number of the parameter, which Parameter Store counts from 1."""

    modified_at: datetime


def parameter_name(application: str) -> str:
    """The name of an application's parameter. Two applications never have the same parameter name.

    Characters other than letters, digits, `.`, `-` and `_` are written as `__` and two hexadecimal digits for each byte
    in UTF-8. An underscore is also written so if such a character or another underscore follows it. Examples: `my shop`
    becomes `my__20shop`, `my__shop` becomes `my__5f_shop`, and `my_shop` does not change.
    """
    return _ESCAPED.sub(lambda match: "".join(f"__{byte:02x}" for byte in match[0].encode()), application)


def application_of(name: str) -> str:
    """The reverse of `parameter_name`. Raises UnicodeDecodeError for a name that `parameter_name` never returns."""
    return _ESCAPES.sub(lambda match: bytes.fromhex(match[0].replace("__", "")).decode(), name)
