"""Reads single facts of the account. If a fact cannot be read, the result is CannotTell."""

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from wardrop_cli.aws.explain import FORBIDDEN
from wardrop_cli.doctor.findings import CannotTell
from wardrop_cli.foreign_text import one_line

T = TypeVar("T")
U = TypeVar("U")

DENIED = FORBIDDEN | {"403", "AuthorizationError", "InsufficientPrivilegesException"}
NOT_REACHED = (BotoCoreError, ResponseParserError)
MISSING = frozenset({"404", "NoSuchBucket", "ResourceNotFoundException"})


def fact(read: Callable[[], T]) -> T | CannotTell:
    try:
        return read()
    except ClientError as error:
        return CannotTell(_reason(error))
    except NOT_REACHED as error:
        return CannotTell(f"AWS cannot be reached: {one_line(str(error), 200)}")


def fact_or_missing(read: Callable[[], T], missing: U) -> T | U | CannotTell:
    """`missing` is the result if AWS responds that the resource does not exist."""
    try:
        return read()
    except ClientError as error:
        return missing if error.response["Error"]["Code"] in MISSING else CannotTell(_reason(error))
    except NOT_REACHED as error:
        return CannotTell(f"AWS cannot be reached: {one_line(str(error), 200)}")


def _reason(error: ClientError) -> str:
    code = error.response["Error"]["Code"]
    if code in DENIED:
        return f"your credentials may not call {error.operation_name}"
    return f"AWS answered {error.operation_name} with {code}"
