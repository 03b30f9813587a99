"""The checks that are configured for an environment.

A check is an HTTP request to the environment's address, or a Lambda function that judges a version.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from wardrop.configuration.arn_pattern import matches
from wardrop.configuration.duration import Duration

MOST_CHECKS = 10
FUNCTION_LIMIT = Duration(seconds=10)
"""The time within which a function must respond."""

SHORTEST, LONGEST = Duration(seconds=1), Duration(seconds=10)
"""The minimum and the maximum of `within`.

All checks of an environment run at the same time, and together they may take about 20 seconds.
"""

_PATH = re.compile(r"/(?:(?!/)[!\"$-\[\]-~][!\"$-\[\]-~]{0,510})?")
"""Visible ASCII characters except # and the backslash. A path that begins with two slashes would name another host."""

_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
"""A DNS name. The last part begins with a letter, so an IP address does not match."""

_NAME = r"[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_-]{1,128}|:\$LATEST)?"
_FUNCTION = re.compile(rf"{_NAME}|arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{{12}}:function:{_NAME}")
MAX_CONTAINS = 200


class Check(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A check. Exactly one of `http`, `https` and `function` is set."""

    http: str | None = None
    """The path of a request to port 80 of the environment's CNAME."""

    https: str | None = None
    """The path of a request to port 443 of the environment's CNAME."""

    function: str | None = None
    """The name of a Lambda function, with or without an alias, or the ARN of the function."""

    host: str | None = None
    """The host name in the request and in the certificate. None: the request contains the environment's CNAME."""

    status: int | None = None
    """The expected status. None: 200."""

    contains: str | None = None
    """The string that the response must contain. None: every response is accepted."""

    within: Duration | None = None
    """The time within which the response must be complete. None: 5 seconds."""

    @property
    def path(self) -> str:
        return next((path for path in (self.http, self.https) if path is not None), "/")

    @property
    def is_encrypted(self) -> bool:
        return self.https is not None

    @property
    def expected_status(self) -> int:
        return 200 if self.status is None else self.status

    @property
    def time_limit(self) -> Duration:
        if self.function is not None:
            return FUNCTION_LIMIT
        return Duration(seconds=5) if self.within is None else self.within

    @property
    def title(self) -> str:
        """Names the check, for example `http /health` or `function shop-smoke-test`."""
        if self.function is not None:
            return f"function {self.function}"
        return f"https {self.host}{self.path}" if self.is_encrypted else f"http {self.path}"


class ConfiguredCheck(Check, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A check in the configuration document.

    Unknown fields are an error here. In a check that is pinned to a deployment, they are not an error, because a newer
    version of Wardrop may have pinned the check.
    """

    @property
    def pinned(self) -> Check:
        return Check(**{name: getattr(self, name) for name in Check.__struct_fields__})


def validate_checks(checks: Sequence[Check]) -> None:
    """Raises ValueError."""
    if len(checks) > MOST_CHECKS:
        raise ValueError(f"{len(checks)} checks are configured; at most {MOST_CHECKS} are allowed")
    for check in checks:
        kinds = [name for name in ("http", "https", "function") if getattr(check, name) is not None]
        if len(kinds) != 1:
            raise ValueError(f"a check must have exactly one of http, https and function, but one has {len(kinds)}")
        if check.function is not None:
            _validate_function(check, check.function)
        else:
            _validate_request(check)


def _validate_function(check: Check, function: str) -> None:
    if not _FUNCTION.fullmatch(function):
        raise ValueError(f"{function[:80]!r} is not the name or the ARN of a Lambda function")
    given = [name for name in ("host", "status", "contains", "within") if getattr(check, name) is not None]
    if given:
        raise ValueError(f"`{given[0]}` is allowed only with http and https, and not with function")


def is_path(text: str) -> bool:
    """Whether the string is the path of a request, without a host."""
    return _PATH.fullmatch(text) is not None


def _validate_request(check: Check) -> None:
    if not is_path(check.path):
        raise ValueError(
            f"{check.path[:80]!r} is not a path such as /health: it must begin with one slash, and consist of at most "
            "512 visible ASCII characters without # and backslash"
        )
    if check.host is not None and not _HOST.fullmatch(check.host):
        raise ValueError(f"{check.host[:80]!r} is not a host such as shop.example.com, in lower case")
    if check.is_encrypted and check.host is None:
        raise ValueError(f"https {check.path} needs `host`, the host name in the certificate")
    if not 200 <= check.expected_status <= 599:
        raise ValueError(f"`status` is {check.expected_status}, but must be from 200 to 599")
    if check.contains is not None and not 1 <= len(check.contains) <= MAX_CONTAINS:
        raise ValueError(f"`contains` must have from 1 to {MAX_CONTAINS} characters")
    if not SHORTEST <= check.time_limit <= LONGEST:
        raise ValueError(f"`within` is {check.time_limit.text}, but must be from {SHORTEST.text} to {LONGEST.text}")


@dataclass(frozen=True)
class AllowedFunctions:
    """The functions that checks may invoke. The ARN patterns are from the stack's parameter CheckFunctions."""

    patterns: tuple[str, ...] = ()

    def refusal(self, function: str) -> str | None:
        """Returns the reason why a check may not invoke the function. None: it may, because a pattern matches.

        A function's name is compared with the last part of each pattern. When the check invokes the function, IAM
        compares the function's ARN with the same patterns.
        """
        is_arn = function.startswith("arn:")
        patterns = self.patterns if is_arn else [pattern.rpartition(":function:")[2] for pattern in self.patterns]
        if any(matches(pattern, function) for pattern in patterns):
            return None
        return f"the stack's parameter CheckFunctions does not allow {function}"

    def validate(self, checks: Iterable[Check]) -> None:
        """Raises ValueError for a check whose function is not allowed."""
        for function in (check.function for check in checks if check.function is not None):
            if refusal := self.refusal(function):
                raise ValueError(f"the function {function} cannot be used: {refusal}")


NO_FUNCTIONS = AllowedFunctions()
