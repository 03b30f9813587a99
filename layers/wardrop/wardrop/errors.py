"""What can go wrong, by what the caller should do.

WardropError
├── Rejected        Do not deploy the drop; report the reason to its author.
├── Malformed       Move the message to the dead-letter queue: no retry can help.
├── NotNow          Try the same call again later.
├── Outdated        Read the ledger again and decide anew.
├── Unavailable     Use a default if there is one; else fail, so that the message is delivered again.
├── Refused         Give up this call: Beanstalk will not accept it.
│   └── NoRoom      Delete application versions first: the quota of the region is used up.
└── Misconfigured   Fail. The stack has to be corrected.

Every other error is raised out of the function. Its message is delivered again, and in the end it is moved to the
dead-letter queue, whose alarm reports it.
"""


class WardropError(Exception):
    """Its text is one sentence for people."""

    @property
    def reason(self) -> str:
        return str(self)


class Rejected(WardropError):
    """The drop cannot be deployed."""


class Malformed(WardropError):
    """The message cannot be read."""


class NotNow(WardropError):
    """The same call may succeed later."""

    retry_after: int | None = None
    """Seconds; None if it is not known."""


class Outdated(WardropError):
    """The ledger has changed since it was read."""


class Unavailable(WardropError):
    """A service could not be read, for whatever reason."""


class Refused(WardropError):
    """Beanstalk will not accept this call."""


class NoRoom(Refused):
    """The region has as many application versions as its quota allows."""


class Misconfigured(WardropError):
    """The function lacks a setting, or has one that it cannot use."""
