"""Explains errors of the first call to AWS, which concern the region, profile, credentials or connection."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnection

from installation.findings import Finding, refusal

EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
INVALID = {"InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "AuthFailure"}
LOG_IN = "Sign in again, for example by aws sso login, or renew AWS_SESSION_TOKEN."


def explanation(error: BotoCoreError | ClientError) -> Finding:
    match error:
        case NoRegionError():
            return refusal("region", "No region is configured.", "Set AWS_REGION, for example AWS_REGION=eu-central-1.")
        case ProfileNotFound():
            return refusal("profile", f"{error}.", "Correct AWS_PROFILE; aws configure list-profiles shows the names.")
        case NoCredentialsError() | PartialCredentialsError():
            advice = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            return refusal("credentials", "There are no AWS credentials, or they are not complete.", advice)
        case CredentialRetrievalError() | SSOError() | TokenRetrievalError():
            return refusal("credentials", f"The credentials cannot be read: {error}.", LOG_IN)
        case HTTPClientError() | NoConnection():
            return refusal("connection", f"AWS cannot be reached: {error}.", "Check AWS_REGION and the network.")
        case ClientError() if (code := error.response["Error"]["Code"]) in EXPIRED:
            return refusal("credentials", f"The credentials have expired ({code}).", LOG_IN)
        case ClientError() if (code := error.response["Error"]["Code"]) in INVALID:
            return refusal("credentials", f"AWS does not accept the credentials ({code}).", LOG_IN)
        case _:
            return refusal("aws", f"AWS answered with an error: {error}", "Correct the cause and try again.")
