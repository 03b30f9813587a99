"""The exit codes of the command. docs/command-line.md lists them."""

from enum import IntEnum


class ExitCode(IntEnum):
    SUCCESS = 0
    ERROR = 1
    """An error of the command itself."""

    USAGE = 2
    FAILED = 3
    ROLLED_BACK = 4
    REJECTED = 5
    ENDED_EARLY = 6
    """The deployment was superseded, cancelled or declined."""

    NOT_FINISHED = 7
    """The deployment is still running or waiting."""

    REFUSED = 8
    NOT_REACHED = 9
    """AWS or the stack could not be reached."""

    REPLACES = 10
    """The planned change replaces instances or the load balancer."""

    CANNOT_TELL = 11
    """Some data could not be read, so the result is not certain."""

    INTERRUPTED = 130
    OUTPUT_CLOSED = 141
    """The reader of the output, for example `head`, has closed it."""
