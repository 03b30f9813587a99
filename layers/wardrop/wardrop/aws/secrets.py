"""Reads one secret from AWS Secrets Manager."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from wardrop.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

UNREADABLE = {
    "AccessDeniedException": "the function's role has no permission to read the secret or to use its key",
    "DecryptionFailure": "its KMS key cannot decrypt it",
    "InvalidRequestException": "it is scheduled for deletion",
    "ResourceNotFoundException": "no secret has this ARN, or the secret has no value",
}


class NoSecret(Unavailable):
    """The secret cannot be read until a user corrects the cause. The error message contains no part of the secret."""


class Secrets:
    def __init__(self, secretsmanager: "SecretsManagerClient", arn: str) -> None:
        self._secretsmanager = secretsmanager
        self._arn = arn

    def read(self) -> str:
        """Raises NoSecret."""
        try:
            text = self._secretsmanager.get_secret_value(SecretId=self._arn).get("SecretString")
        except ClientError as error:
            if (code := error.response["Error"]["Code"]) in UNREADABLE:
                raise NoSecret(f"the secret cannot be read: {UNREADABLE[code]} ({code})") from error
            raise
        if text is None:
            raise NoSecret("the secret is binary; it must be JSON text")
        return text
