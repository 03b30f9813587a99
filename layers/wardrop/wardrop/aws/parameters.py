"""The applications' configuration in SSM Parameter Store."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class Parameters:
    def __init__(self, ssm: "SSMClient", path: str) -> None:
        self._ssm = ssm
        self._path = path

    def configuration(self, application: str) -> str | None:
        """The document as it stands, if there is one."""
        try:
            return self._ssm.get_parameter(Name=f"{self._path}/{application}")["Parameter"].get("Value")
        except ClientError as error:
            # A name that Parameter Store cannot have, such as one with a space, is never configured.
            if error.response["Error"]["Code"] in ("ParameterNotFound", "ValidationException"):
                return None
            raise
