"""The applications' configuration in SSM Parameter Store."""

import re
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from wardrop.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class Parameters:
    def __init__(self, ssm: "SSMClient", path: str) -> None:
        self._ssm = ssm
        self._path = path

    def configuration(self, application: str) -> str | None:
        """The document in force; None if there is none. Raises Unavailable if it cannot be read."""
        # Parameter Store allows no other names, and reads the text after a colon as a version.
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", application):
            return None
        try:
            return self._ssm.get_parameter(Name=f"{self._path}/{application}")["Parameter"].get("Value")
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise Unavailable(f"the configuration of {application} cannot be read: {error}") from error
        except BotoCoreError as error:
            raise Unavailable(f"the configuration of {application} cannot be read: {error}") from error
