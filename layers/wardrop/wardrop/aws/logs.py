"""Sets up the JSON log of a function, and logs the number of calls to Beanstalk."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools import Logger

from wardrop.aws import beanstalk_calls

Answer = TypeVar("Answer")

SDKS = ("botocore", "slack_sdk", "urllib3")


def function_logger() -> Logger:
    """Returns the logger of a function. Wardrop's modules then log in the same form and with the same keys.

    At the level DEBUG, the SDKs log complete requests and responses, including secrets. Therefore their records below
    WARNING are always dropped.
    """
    logger = Logger()
    modules = logging.getLogger("wardrop")
    modules.handlers, modules.propagate = list(logger.handlers), False
    modules.setLevel(logger.log_level)
    for name in SDKS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return logger


def calls_counted(handler: Callable[..., Answer]) -> Callable[..., Answer]:
    """Writes the record of the calls to Beanstalk when the handler ends, even if the handler raises an error."""

    @wraps(handler)
    def invoked(*arguments: Any) -> Answer:
        try:
            return handler(*arguments)
        finally:
            beanstalk_calls.write()

    return invoked
