"""The API's errors, with AWS's codes. If a public source quotes a message, the message is AWS's."""

from moto.core.exceptions import ServiceException


class BeanstalkError(ServiceException):  # type: ignore[misc]
    """An error of the API.

    A code that is used in several places has a subclass. Any other code is passed as an argument.
    """

    def __init_subclass__(cls) -> None:
        cls.code = cls.__name__


class InvalidParameterValue(BeanstalkError):
    """A parameter violates a constraint, or the resource is missing, exists already, or is in the wrong state."""


class InvalidParameterCombination(BeanstalkError):
    """The parameters contradict each other, or the source bundle cannot be read."""


class ValidationError(BeanstalkError):
    """A parameter violates a constraint of the API model."""


class InvalidQueryParameter(BeanstalkError):
    """The request has a parameter that the operation does not define."""


class MissingRequiredParameter(BeanstalkError):
    """A required parameter is missing. AWS's message is not known."""


class ConfigurationValidationException(BeanstalkError):
    """The option does not exist, or it does not allow the value."""

    def __init__(self, reason: str) -> None:
        """`reason` is the message without prefix. ValidateConfigurationSettings and events contain only `reason`."""
        self.reason = reason
        super().__init__(f"Configuration validation exception: {reason}")


UNMODELLED = [error.__name__ for error in BeanstalkError.__subclasses__()]
"""The error codes that botocore's model does not have."""
