"""The API's errors: AWS's codes and, where a real answer has shown them, its texts."""

from moto.core.exceptions import ServiceException


class BeanstalkError(ServiceException):  # type: ignore[misc]
    """A code that is used in one place only is passed as `BeanstalkError(code, message)`. Others have a subclass."""

    def __init_subclass__(cls) -> None:
        cls.code = cls.__name__


class InvalidParameterValue(BeanstalkError):
    """A parameter breaks its constraint, or its resource is missing, exists already, or is in the wrong state."""


class InvalidParameterCombination(BeanstalkError):
    """The parameters contradict each other, or the source bundle cannot be read."""


class ValidationError(BeanstalkError):
    """A parameter breaks a constraint of the service's model."""


class InvalidQueryParameter(BeanstalkError):
    """The request has a parameter that the operation does not have."""


class MissingRequiredParameter(BeanstalkError):
    """A required parameter is missing. AWS's text is not known."""


class ConfigurationValidationException(BeanstalkError):
    """An option is unknown, or does not take the value."""

    def __init__(self, reason: str) -> None:
        """`reason` is the text without the prefix. Validations and events contain it in this form."""
        self.reason = reason
        super().__init__(f"Configuration validation exception: {reason}")


UNMODELLED = [error.__name__ for error in BeanstalkError.__subclasses__()]
"""The codes of the errors that botocore's model does not have."""
