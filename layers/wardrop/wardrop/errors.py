"""Wardrop's errors. Each class tells the caller how to react.

WardropError
├── Rejected        Do not deploy the drop. Report the reason to the user who dropped it.
├── Malformed       Move the message to the dead-letter queue, because a retry cannot succeed.
├── NotNow          Try the same call again later.
│   └── LedgerBusy  DynamoDB refuses calls. Try again later.
├── Outdated        Read the ledger again, and repeat the decision.
├── Unavailable     Use a default if there is one. Otherwise fail, so that SQS delivers the message again.
├── Unwritable      Fail, because DynamoDB does not accept the change in this form.
├── Refused         Do not repeat the call, because Beanstalk will not accept it.
│   └── NoRoom      Delete application versions before the next attempt, because the region's quota is used up.
└── Misconfigured   Fail, because the stack has to be corrected.

Every other error makes the function fail. SQS then delivers the message again. After the last attempt, SQS moves the
message to the dead-letter queue, and an alarm reports the message.
"""

from wardrop.foreign_text import sentence


class WardropError(Exception):
    """The base class of Wardrop's errors.

    The message is one sentence for people. The message may quote strings from outside Wardrop.
    """

    @property
    def reason(self) -> str:
        return sentence(str(self))


class Rejected(WardropError):
    """The drop cannot be deployed."""


class Malformed(WardropError):
    """The message cannot be read."""


class NotNow(WardropError):
    """The same call may succeed later."""

    retry_after: int | None = None
    """The number of seconds to wait before the next attempt. None: the caller chooses the number."""


class LedgerBusy(NotNow):
    """DynamoDB refused all attempts of the call. The ledger did not change."""

    retry_after = 60


class Outdated(WardropError):
    """The ledger has changed since it was read."""


class Unavailable(WardropError):
    """A service could not be read."""


class Unwritable(WardropError):
    """DynamoDB will not accept this change of the ledger."""


class Refused(WardropError):
    """Beanstalk will not accept this call."""


class NoRoom(Refused):
    """The region has as many application versions as its quota allows."""


class Misconfigured(WardropError):
    """A setting of the function is missing or invalid."""
