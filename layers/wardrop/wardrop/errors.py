"""What can go wrong, named by what the caller should do.

Rejected        The drop is not deployed, and its author is told why.
Malformed       The message can never be read; it belongs in the dead-letter queue.
NotNow          Nothing is wrong: the same call may succeed later.
Refused         Beanstalk will never take this call as it stands.
NoRoom          The region has all the application versions that it may have; clean-up may help.
Outdated        Somebody else wrote to the ledger in between; look again.

Every other error flies: Lambda delivers the message again, and at last the dead-letter queue's alarm tells.
"""


class WardropError(Exception):
    """Each carries one sentence for people."""

    @property
    def reason(self) -> str:
        return str(self)


class Rejected(WardropError):
    """The drop is not deployed, and its author is told why."""


class Malformed(WardropError):
    """The message can never be read."""


class NotNow(WardropError):
    """The same call may succeed later."""


class Refused(WardropError):
    """Beanstalk will never take this call as it stands."""


class NoRoom(Refused):
    """The region has all the application versions that it may have."""


class Outdated(WardropError):
    """The ledger has changed since it was read."""
