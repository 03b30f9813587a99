"""The API's errors: AWS's codes and, where a real answer has shown them, its texts."""

from moto.core.exceptions import ServiceException


class InvalidParameterValue(ServiceException):  # type: ignore[misc]
    """A parameter names something that is not there, is taken, is in the wrong state, or breaks its constraint."""

    code = "InvalidParameterValue"


class InvalidParameterCombination(ServiceException):  # type: ignore[misc]
    """The parameters do not go together, or the source bundle cannot be read."""

    code = "InvalidParameterCombination"


class MissingRequiredParameter(ServiceException):  # type: ignore[misc]
    """A parameter that the operation needs is not there. AWS's wording is unknown."""

    code = "MissingRequiredParameter"


class ConfigurationValidationException(ServiceException):  # type: ignore[misc]
    """An option setting is unknown, or its value is not allowed."""

    code = "ConfigurationValidationException"

    def __init__(self, message: str) -> None:
        super().__init__(f"Configuration validation exception: {message}")


class InvalidRequestException(ServiceException):  # type: ignore[misc]
    """Enhanced health was asked for where there is only basic health."""

    code = "InvalidRequestException"


class InvalidAction(ServiceException):  # type: ignore[misc]
    """The operation does not exist, or the stand-in does not have it."""

    code = "InvalidAction"

    def __init__(self, action: str) -> None:
        super().__init__(f"Could not find operation {action} for version 2010-12-01")


class TooManyApplicationVersionsException(ServiceException):  # type: ignore[misc]
    """The region's quota of application versions, over all applications, is used up. The wording is unverified."""

    code = "TooManyApplicationVersionsException"

    def __init__(self, maximum: int) -> None:
        super().__init__(
            f"You cannot have more than {maximum} Application Versions. "
            "Either remove some Application Versions or request a limit increase."
        )


class SourceBundleDeletionFailure(ServiceException):  # type: ignore[misc]
    """The version was deleted, its source bundle was not. The wording is unverified."""

    code = "SourceBundleDeletionFailure"


def no_environment(*, name: str | None = None, environment_id: str | None = None) -> InvalidParameterValue:
    wanted = f"EnvironmentName = '{name}'" if name is not None else f"EnvironmentId = '{environment_id}'"
    return InvalidParameterValue(f"No Environment found for {wanted}.")


def invalid_state(name: str, needed: str) -> InvalidParameterValue:
    return InvalidParameterValue(
        f"Environment named {name} is in an invalid state for this operation. Must be {needed}."
    )
