"""One secret in AWS Secrets Manager."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from wardrop.errors import WardropError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

UNREADABLE = {
    "AccessDeniedException": "its reader has no right to it, or to its key",
    "DecryptionFailure": "its key does not open it",
    "InvalidRequestException": "it is about to be deleted",
    "ResourceNotFoundException": "there is none under this ARN, or it has no value",
}


class NoSecret(WardropError):
    """A person has to mend it; the text says what, and nothing of the secret."""


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
            raise NoSecret("the secret is binary; it has to be a JSON text")
        return text
