"""Explains errors of AWS's SDK, with advice for the user."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    SSLError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnection

from wardrop_cli.failures import Failure, Unreachable, not_reached

EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
CLOCK = {"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"}
INVALID = {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidAccessKeyId", "403"}
FORBIDDEN = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
SIGNATURE = {"SignatureDoesNotMatch", "InvalidSignatureException"}
LOG_IN = "Sign in again, for example by aws sso login, or renew AWS_SESSION_TOKEN."
KEYS = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile."
NETWORK = "Check the network, the proxy and the region."


def explanation(error: Exception) -> Failure:
    match error:
        case Failure():
            return error
        case ClientError():
            return _of_answer(error)
        case NoRegionError():
            return not_reached("no region is configured", "Use --region, or set AWS_REGION.")
        case InvalidRegionError():
            return not_reached(str(error), "Correct --region or AWS_REGION.")
        case ProfileNotFound():
            return not_reached(str(error), "aws configure list-profiles shows the names of the profiles.")
        case NoCredentialsError() | PartialCredentialsError():
            return not_reached("there are no AWS credentials, or they are not complete", KEYS)
        case CredentialRetrievalError() | SSOError() | TokenRetrievalError():
            return not_reached(f"the AWS credentials cannot be read: {error}", LOG_IN)
        case ProxyConnectionError():
            return Unreachable(f"the proxy cannot be reached: {error}", "Check HTTPS_PROXY and NO_PROXY.")
        case SSLError():
            return not_reached(f"the certificate of AWS is not accepted: {error}", "Check AWS_CA_BUNDLE and the proxy.")
        case HTTPClientError() | NoConnection():
            return Unreachable(f"AWS cannot be reached: {error}", NETWORK)
        case BotoCoreError():
            return not_reached(f"AWS cannot be reached: {error}", "Check the configuration of AWS's SDK.")
        case _:
            return not_reached(f"AWS cannot be reached: {error}", "Check the configuration, such as AWS_ENDPOINT_URL.")


def _of_answer(error: ClientError) -> Failure:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in EXPIRED:
        return not_reached(f"the AWS credentials have expired ({code})", LOG_IN)
    if code in CLOCK or (code in SIGNATURE and is_about_time(message)):
        return clock_is_wrong(code)
    if code in SIGNATURE:
        return wrong_signature(code)
    if code in INVALID:
        return not_reached(f"AWS does not accept the credentials ({code})", KEYS)
    if code in FORBIDDEN:
        return not_reached(f"your credentials may not call {error.operation_name}", message or "Ask for this right.")
    return not_reached(f"AWS answered {error.operation_name} with {code}: {message}", "Try again, or check the region.")


def is_about_time(message: str) -> bool:
    """AWS says `Signature expired: 20261128T000000Z is now earlier than ...`, or `Signature not yet current: ...`."""
    return "Signature expired" in message or "not yet current" in message


def clock_is_wrong(code: str) -> Failure:
    return not_reached(f"AWS refuses the time of the request ({code})", "Set the clock of this machine.")


def wrong_signature(code: str) -> Failure:
    advice = "Check AWS_SECRET_ACCESS_KEY, and the clock of this machine."
    return not_reached(f"AWS does not accept the signature ({code})", advice)
