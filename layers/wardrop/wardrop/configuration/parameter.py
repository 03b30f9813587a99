"""The SSM parameter of an application's configuration: its name, and the document in it.

Parameter Store accepts only letters, digits, `.`, `-` and `_` in a name, and `/` between its parts (AWS Systems Manager
API reference, PutParameter). Beanstalk also accepts white space, quotes, brackets, `,`, `+` and a backslash.
"""

import re
from datetime import datetime
from enum import StrEnum

import msgspec

from wardrop.foreign_text import clean

_ESCAPED = re.compile(r"[^A-Za-z0-9._-]|_(?![A-Za-z0-9.-]|$)")
_ESCAPES = re.compile(r"(?:__[0-9a-f]{2})+")


class Document(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    version: int
    """The version number of the parameter, which Parameter Store counts from 1."""

    modified_at: datetime


class FaultKind(StrEnum):
    """The reasons why the document in the parameter is not in force."""

    REFUSED = "refused"
    """The document is not valid."""

    NOT_DECRYPTED = "not_decrypted"
    """The parameter is a SecureString, and its KMS key cannot be used."""

    DENIED = "denied"
    """Wardrop's role has no permission to read the parameter."""

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    """Parameter Store did not respond, or returned another error."""

    DELETED = "deleted"
    """The parameter no longer exists, but Wardrop knows that it contained a document."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    kind: FaultKind
    reason: str
    version: int | None = None
    """The version of the refused document. None: no document was read."""

    def __post_init__(self) -> None:
        clean(self, "reason")

    def is_same_as(self, other: "Fault | None") -> bool:
        """Whether both are the same fault, which is reported only once.

        The reasons are not compared, because different functions may describe the same fault in different words.
        """
        return other is not None and (self.kind, self.version) == (other.kind, other.version)

    @property
    def sentence(self) -> str:
        """The fault as the end of a sentence about the configuration."""
        return f"cannot be read: {self.reason}"

    @property
    def proves_a_document(self) -> bool:
        """Whether the fault proves that the parameter exists or existed. A missing permission does not prove it."""
        return self.kind in (FaultKind.REFUSED, FaultKind.NOT_DECRYPTED, FaultKind.DELETED)


Contents = Document | Fault | None
"""The contents of the parameter. None: according to Parameter Store, the parameter does not exist."""


def parameter_name(application: str) -> str:
    """Returns the name of an application's parameter. Two applications never have the same parameter name.

    Letters, digits, `.`, `-` and `_` stay as they are. Every other character is escaped: each byte of its UTF-8 form is
    written as `__` and two hexadecimal digits. An underscore is escaped only before an escaped character or another
    underscore. Examples: `my shop` becomes `my__20shop`, `my__shop` becomes `my__5f_shop`, and `my_shop` does not
    change.
    """
    return _ESCAPED.sub(lambda match: "".join(f"__{byte:02x}" for byte in match[0].encode()), application)


def application_of(name: str) -> str:
    """Reverses `parameter_name`. Raises UnicodeDecodeError for a name that `parameter_name` never returns."""
    return _ESCAPES.sub(lambda match: bytes.fromhex(match[0].replace("__", "")).decode(), name)
