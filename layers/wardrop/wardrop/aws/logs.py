"""The JSON log of a function, including the number of calls to Beanstalk."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools import Logger

from wardrop.aws import beanstalk_calls

Answer = TypeVar("Answer")

SDKS = ("botocore", "slack_sdk", "urllib3")


def function_logger() -> Logger:
    """The logger of a function. Records of Wardrop's modules have the same form and keys as the function's records.

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
