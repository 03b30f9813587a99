"""The API's errors: AWS's codes and, where a real answer has shown them, its texts."""

from moto.core.exceptions import ServiceException


class BeanstalkError(ServiceException):  # type: ignore[misc]
    """`BeanstalkError(code, message)` for the codes that stand in one place only; others are the class's name."""

    def __init_subclass__(cls) -> None:
        cls.code = cls.__name__


class InvalidParameterValue(BeanstalkError):
    """A parameter names what is not there, is taken, is in the wrong state, or breaks its constraint."""


class InvalidParameterCombination(BeanstalkError):
    """The parameters do not go together, or the source bundle cannot be read."""


class MissingRequiredParameter(BeanstalkError):
    """A parameter that the operation needs is not there. AWS's wording is unknown."""


class ConfigurationValidationException(BeanstalkError):
    """An option is unknown, or does not take the value."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Configuration validation exception: {reason}")
