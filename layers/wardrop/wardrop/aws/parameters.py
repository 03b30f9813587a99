"""The applications' configuration in SSM Parameter Store."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from wardrop.configuration.parameter import Document, parameter_name
from wardrop.errors import Unavailable
from wardrop.foreign_text import whole_characters

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class Parameters:
    def __init__(self, ssm: "SSMClient", path: str) -> None:
        self._ssm = ssm
        self._path = path

    def name(self, application: str) -> str:
        return f"{self._path}/{parameter_name(application)}"

    def document(self, application: str) -> Document | None:
        """The application's document. None: there is no document. Raises Unavailable if it cannot be read."""
        try:
            parameter = self._ssm.get_parameter(Name=self.name(application))["Parameter"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise Unavailable(f"the configuration of {application} cannot be read: {error}") from error
        except BotoCoreError as error:
            raise Unavailable(f"the configuration of {application} cannot be read: {error}") from error
        return Document(
            text=whole_characters(parameter["Value"]),
            version=parameter["Version"],
            modified_at=parameter["LastModifiedDate"],
        )
