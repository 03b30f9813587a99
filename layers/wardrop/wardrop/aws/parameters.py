"""Reads the applications' configurations from SSM Parameter Store."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from wardrop.configuration.parameter import Contents, Document, Fault, FaultKind, parameter_name
from wardrop.foreign_text import one_line, whole_characters

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

MOST_CHARACTERS = 500
"""The maximum length of an error message of Parameter Store, in characters. The history of a deployment quotes it."""

_KINDS = {
    "AccessDenied": FaultKind.DENIED,
    "AccessDeniedException": FaultKind.DENIED,
    "InvalidKeyId": FaultKind.NOT_DECRYPTED,
    "RequestLimitExceeded": FaultKind.THROTTLED,
    "Throttling": FaultKind.THROTTLED,
    "ThrottlingException": FaultKind.THROTTLED,
    "TooManyRequestsException": FaultKind.THROTTLED,
}
"""The faults, keyed by error code (AWS Systems Manager API reference, GetParameter and "Common Errors").

The fault of any other code is UNAVAILABLE.
"""


class Parameters:
    def __init__(self, ssm: "SSMClient", path: str) -> None:
        self._ssm = ssm
        self._path = path

    def name(self, application: str) -> str:
        return f"{self._path}/{parameter_name(application)}"

    def read(self, application: str) -> Contents:
        """Returns the contents of the application's parameter, which may be a SecureString."""
        try:
            parameter = self._ssm.get_parameter(Name=self.name(application), WithDecryption=True)["Parameter"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            return Fault(kind=_kind(error), reason=_reason(error))
        except BotoCoreError as error:
            return Fault(kind=FaultKind.UNAVAILABLE, reason=_reason(error))
        return Document(
            text=whole_characters(parameter["Value"]),
            version=parameter["Version"],
            modified_at=parameter["LastModifiedDate"],
        )


def _kind(error: ClientError) -> FaultKind:
    """Translates an error into a fault.

    If access to an action of KMS was denied, the parameter is a SecureString whose key Wardrop is not allowed to use.
    """
    kind = _KINDS.get(error.response["Error"]["Code"], FaultKind.UNAVAILABLE)
    if kind is FaultKind.DENIED and "kms:" in error.response["Error"].get("Message", ""):
        return FaultKind.NOT_DECRYPTED
    return kind


def _reason(error: Exception) -> str:
    return one_line(str(error), MOST_CHARACTERS)
