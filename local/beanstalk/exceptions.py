"""The API's errors: AWS's codes and, where a real answer has shown them, its texts."""

from moto.core.exceptions import ServiceException


class BeanstalkError(ServiceException):  # type: ignore[misc]
    """`BeanstalkError(code, message)` for the codes that stand in one place only; others are the class's name."""

    def __init_subclass__(cls) -> None:
        cls.code = cls.__name__


class InvalidParameterValue(BeanstalkError):
    """A parameter breaks its constraint, or its resource is missing, exists already, or is in the wrong state."""


class InvalidParameterCombination(BeanstalkError):
    """The parameters do not go together, or the source bundle cannot be read."""


class ValidationError(BeanstalkError):
    """A parameter breaks a constraint of the service's model."""


class InvalidQueryParameter(BeanstalkError):
    """A parameter that the operation does not have."""


class MissingRequiredParameter(BeanstalkError):
    """A parameter that the operation needs is not there. AWS's wording is unknown."""


class ConfigurationValidationException(BeanstalkError):
    """An option is unknown, or does not take the value."""

    def __init__(self, reason: str) -> None:
        """`reason` is the text without the prefix, as validations and events have it."""
        self.reason = reason
        super().__init__(f"Configuration validation exception: {reason}")


UNMODELLED = [error.__name__ for error in BeanstalkError.__subclasses__()]
"""The codes of those that botocore's model lacks."""
