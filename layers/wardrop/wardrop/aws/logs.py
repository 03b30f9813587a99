"""The log of a function: JSON with the keys of what is being processed. It also counts the calls to Beanstalk."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools import Logger

from wardrop.aws import beanstalk_calls

Answer = TypeVar("Answer")

SDKS = ("botocore", "slack_sdk", "urllib3")


def function_logger() -> Logger:
    """The records of Wardrop's modules get the same form and the same keys as those of the function.

    The SDKs log whole requests and answers at DEBUG, secrets included. So their records below WARNING are dropped,
    whatever level the function's log has.
    """
    logger = Logger()
    modules = logging.getLogger("wardrop")
    modules.handlers, modules.propagate = list(logger.handlers), False
    modules.setLevel(logger.log_level)
    for name in SDKS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return logger


def calls_counted(handler: Callable[..., Answer]) -> Callable[..., Answer]:
    """Writes the record of the calls to Beanstalk when the handler ends, also if it raises an error."""

    @wraps(handler)
    def invoked(*arguments: Any) -> Answer:
        try:
            return handler(*arguments)
        finally:
            beanstalk_calls.write()

    return invoked
