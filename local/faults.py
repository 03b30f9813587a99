"""The faults that users and tests activate through the control API."""

import itertools
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

KINDS: dict[str, frozenset[str]] = {
    "deploy-fails-command": frozenset({"batch"}),
    "deploy-fails-health": frozenset({"batch"}),
    "deploy-times-out": frozenset({"batch"}),
    "deploy-finishes-late": frozenset({"batch", "seconds"}),
    "failure-lingers": frozenset({"seconds"}),
    "instance-lies": frozenset({"batch"}),
    "instance-stuck": frozenset({"batch"}),
    "instance-terminated": frozenset(),
    "health": frozenset({"status", "cause"}),
    "throttle": frozenset({"action"}),
    "fails-after-effect": frozenset({"action"}),
    "stale-describe": frozenset({"seconds"}),
    "stale-reports": frozenset({"seconds"}),
    "occupied": frozenset({"seconds"}),
    "deployment-log": frozenset({"text"}),
    "deletion-ignored": frozenset({"label"}),
    "quota-full": frozenset(),
    "http": frozenset({"code", "text", "seconds"}),
    "bundle-unreadable": frozenset({"label"}),
    "kill-function": frozenset({"function"}),
    "events-lost": frozenset(),
    "events-doubled": frozenset(),
    "events-late": frozenset({"seconds"}),
    "events-reordered": frozenset({"seconds"}),
    "s3-events-lost": frozenset(),
    "s3-events-doubled": frozenset(),
    "s3-events-late": frozenset({"seconds"}),
    "cancelled": frozenset({"reason"}),
    "table-refuses": frozenset({"action", "refusal"}),
    "index-lags": frozenset({"seconds"}),
    "concurrency": frozenset({"limit"}),
    "ticks-overlap": frozenset(),
    "stream-reordered": frozenset(),
    "slack-down": frozenset(),
    "slack-429": frozenset({"seconds"}),
    "slack-revoked": frozenset(),
}
"""The parameters of each kind of fault, in addition to COMMON."""

DEFAULTS: dict[str, dict[str, Any]] = {
    **{kind: {"batch": 1} for kind in ("deploy-fails-command", "deploy-fails-health", "deploy-times-out")},
    **{kind: {"batch": 1} for kind in ("instance-lies", "instance-stuck")},
    "deploy-finishes-late": {"batch": 1, "seconds": 90},
    "failure-lingers": {"seconds": 40},
    "stale-reports": {"seconds": 10},
    **{kind: {"seconds": 60} for kind in ("stale-describe", "events-late", "events-reordered", "s3-events-late")},
    "cancelled": {"reason": "TransactionConflict"},
    "table-refuses": {"refusal": "ProvisionedThroughputExceededException"},
    "index-lags": {"seconds": 1},
    "concurrency": {"limit": 10},
    "occupied": {"seconds": 300},
    "slack-429": {"seconds": 1},
    "http": {"code": 503, "text": "", "seconds": 0},
}
"""The default values of parameters, keyed by the kind of fault.

`seconds` are simulated seconds, which pass faster at a high speed. Only for `slack-429`, `http` and `index-lags`, they
are real seconds.
"""

ONCE = ("occupied", "deployment-log", "instance-terminated")
"""The kinds of faults that occur once by default (`times` is 1). By default, all other kinds occur without limit."""

COMMON = frozenset({"environment", "rate", "seed", "times"})


class InvalidFault(ValueError):
    """The description of a fault is invalid. `errors` has one message for each error."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


@dataclass
class Fault:
    id: str
    kind: str
    parameters: dict[str, Any]
    environment: str | None = None
    rate: float = 1.0
    times: int | None = None
    dice: random.Random = field(default_factory=random.Random, repr=False)
    struck: int = 0

    def describe(self) -> dict[str, Any]:
        """Describes the fault for the control API's response."""
        fields: dict[str, Any] = {"id": self.id, "fault": self.kind, "rate": self.rate, "struck": self.struck}
        if self.environment is not None:
            fields["environment"] = self.environment
        if self.times is not None:
            fields["times"] = self.times
        return fields | self.parameters


class Faults:
    """The active faults. The class is thread-safe."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, description: object) -> Fault:
        """Adds the fault that `description`, the body of `POST /faults`, describes. Raises InvalidFault."""
        kind, given = _checked(description)
        with self._lock:
            fault = Fault(
                id=f"f-{next(self._ids)}",
                kind=kind,
                parameters=DEFAULTS.get(kind, {}) | {name: given[name] for name in KINDS[kind] if name in given},
                environment=given.get("environment"),
                rate=given.get("rate", 1.0),
                times=given.get("times", 1 if kind in ONCE else None),
                dice=random.Random(given.get("seed")),  # noqa: S311 - chance, not a secret
            )
            self._faults[fault.id] = fault
        return fault

    def all(self) -> list[Fault]:
        with self._lock:
            return list(self._faults.values())

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def standing(self, kind: str, environment: str | None = None) -> Fault | None:
        """Returns the active fault of a kind that describes a lasting state, such as `health`.

        A call of this method does not count towards `times`.
        """
        with self._lock:
            return next(self._matching(kind, environment), None)

    def strikes(self, kind: str, environment: str | None = None, **about: object) -> Fault | None:
        """Decides whether a fault occurs now, and returns it.

        A fault occurs with the probability `rate`. Each occurrence counts towards `times`.

        If `about` contains a value for one of the fault's parameters, the fault occurs only if the parameter has this
        value.
        """
        with self._lock:
            for fault in self._matching(kind, environment):
                if any(fault.parameters.get(name, value) != value for name, value in about.items()):
                    continue
                if fault.dice.random() < fault.rate:
                    fault.struck += 1
                    return fault
        return None

    def _matching(self, kind: str, environment: str | None) -> Iterator[Fault]:
        return (
            fault
            for fault in self._faults.values()
            if fault.kind == kind
            and fault.environment in (None, environment)
            and (fault.times is None or fault.struck < fault.times)
        )


def _checked(description: object) -> tuple[str, dict[str, Any]]:
    if not isinstance(description, dict):
        example = 'a fault is a JSON object such as {"fault": "events-lost", "rate": 0.3}'
        raise InvalidFault([f"{example}; the faults are {', '.join(sorted(KINDS))}"])
    kind = description.get("fault")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidFault([f"fault: {kind!r} is not one of {', '.join(sorted(KINDS))}"])
    allowed = KINDS[kind] | COMMON
    errors = [
        f"{name}: {kind} has no such parameter; its parameters are {', '.join(sorted(allowed))}"
        for name in description
        if name != "fault" and name not in allowed
    ]
    for name, check, expected in _CHECKS:
        if name in description and not check(description[name]):
            errors.append(f"{name}: must be {expected}, not {description[name]!r}")
    if errors:
        raise InvalidFault(errors)
    return kind, description


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_HEALTH = ("NoData", "Unknown", "Pending", "Ok", "Info", "Warning", "Degraded", "Severe", "Suspended")
_REASONS = (
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "ItemCollectionSizeLimitExceeded",
    "ValidationError",
)
_REFUSALS = (
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
    "InternalServerError",
)
_CHECKS: list[tuple[str, Any, str]] = [
    ("environment", lambda v: isinstance(v, str) and v, "the name of an environment"),
    ("rate", lambda v: isinstance(v, (int, float)) and not isinstance(v, bool) and 0 <= v <= 1, "a number from 0 to 1"),
    ("seed", _is_whole, "a whole number"),
    ("times", lambda v: _is_whole(v) and v > 0, "a whole number above 0"),
    ("batch", lambda v: _is_whole(v) and v > 0, "a whole number above 0"),
    ("seconds", lambda v: _is_whole(v) and 0 < v <= 10**9, "a whole number from 1 to 1000000000"),
    ("label", lambda v: isinstance(v, str) and v, "a version label"),
    ("function", lambda v: isinstance(v, str) and v, "the logical id of a function"),
    ("status", lambda v: v in _HEALTH, f"one of {', '.join(_HEALTH)}"),
    ("text", lambda v: isinstance(v, str), "a text"),
    ("code", lambda v: _is_whole(v) and 200 <= v <= 599, "an HTTP status from 200 to 599"),
    ("cause", lambda v: isinstance(v, str) and v, "a sentence"),
    ("action", lambda v: isinstance(v, str) and v, "the name of an API operation"),
    ("limit", lambda v: _is_whole(v) and v > 0, "a whole number above 0"),
    ("reason", lambda v: v in _REASONS, f"one of {', '.join(_REASONS)}"),
    ("refusal", lambda v: v in _REFUSALS, f"one of {', '.join(_REFUSALS)}"),
]
