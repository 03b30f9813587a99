"""Reads and writes the SSM parameter of an application's configuration, with the user's own credentials."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from wardrop_cli.aws.account import Account
from wardrop_cli.aws.explain import explanation
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure


@dataclass(frozen=True)
class Stored:
    text: str
    version: int
    type: str
    """`String`, or `SecureString` if it is encrypted."""


class Parameters:
    """Every method raises Failure if AWS is not reached or denies the call."""

    def __init__(self, account: Account) -> None:
        self._client = account.client("ssm")

    def read(self, name: str) -> Stored | None:
        """None: the parameter does not exist."""
        try:
            given = self._client.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise explanation(error) from error
        except BotoCoreError as error:
            raise explanation(error) from error
        return Stored(given["Value"], given["Version"], given["Type"])

    def create(self, name: str, text: str) -> int:
        """Creates the parameter, and returns its version. Parameter Store refuses the call if the parameter exists."""
        return self._put(Name=name, Value=text, Type="String", Overwrite=False)

    def replace(self, name: str, text: str, stored: Stored) -> int:
        """Writes a new version with the same encryption, and returns its number.

        If another user has just written a version, the number is not the next one after the version of `stored`.
        """
        key = {"KeyId": self._key(name)} if stored.type == "SecureString" else {}
        return self._put(Name=name, Value=text, Type=stored.type, Overwrite=True, **key)

    def _put(self, **request: Any) -> int:
        """With Intelligent-Tiering, Parameter Store uses the advanced tier only for more than 4 KB."""
        try:
            version: int = self._client.put_parameter(Tier="Intelligent-Tiering", **request)["Version"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterAlreadyExists":
                other = "another write, perhaps an earlier attempt of this command"
                text = f"{request['Name']} has just been created by {other}"
                raise Failure(ExitCode.REFUSED, text, "Read it: wardrop config show APP") from error
            raise explanation(error) from error
        except BotoCoreError as error:
            raise explanation(error) from error
        return version

    def _key(self, name: str) -> str:
        """The parameter's KMS key. Without it, Parameter Store would encrypt the new version with the default key."""
        filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
        try:
            pages = self._client.get_paginator("describe_parameters").paginate(ParameterFilters=filters)
            return next(str(given["KeyId"]) for page in pages for given in page["Parameters"])
        except (BotoCoreError, ClientError) as error:
            raise explanation(error) from error
