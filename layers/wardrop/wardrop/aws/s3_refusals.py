"""Lists S3's error codes after which a retry cannot succeed, each with a reason and advice for people.

Every other error may be temporary. It is raised, so that SQS delivers the message again. Examples are SlowDown,
InternalError, ServiceUnavailable, RequestTimeout, KMS.KeyUnavailableException, and KMS's ThrottlingException.
Sources: Amazon S3 API Reference, "Error responses"; AWS KMS Developer Guide, "Key states".
"""

from enum import Enum

from botocore.exceptions import ClientError

from wardrop.errors import Rejected

MAX_ANSWER = 300
"""The longest quote of S3's own message in a reason, in characters. The message contains ARNs, but no secrets."""


class Refusal(Enum):
    """Each value is a reason for people, in which `{key}` is the object's key."""

    GONE = "{key} was deleted before it could be read"
    OVERWRITTEN = "{key} was overwritten while Wardrop read it; Wardrop processes the newer upload instead"
    EMPTY = "the file is empty; drop it again with its content"
    ARCHIVED = "{key} is archived, and S3 does not read archived objects; upload it again with storage class STANDARD"
    CUSTOMER_KEY = (
        "{key} is encrypted with a key that only its uploader has (SSE-C), so Wardrop cannot read it; "
        "upload it again without SSE-C"
    )
    KMS_DENIED = (
        "Wardrop is not allowed to use the KMS key of {key} or of its copy in the release bucket; set the stack's "
        "parameter DropKeyArn or ReleaseKeyArn, allow Wardrop's roles in the key's policy, and drop the file again"
    )
    KMS_UNUSABLE = (
        "the KMS key of {key} or of its copy in the release bucket is disabled, pending deletion or deleted; "
        "enable the key, or upload the file with another key"
    )
    DENIED = (
        "S3 denies Wardrop access to {key}; check the policies of the bucket and of its KMS key, the owner of the "
        "object, and Requester Pays, and drop the file again"
    )
    INVALID = "S3 cannot read {key}; upload it again"


_BY_CODE = {
    "NoSuchKey": Refusal.GONE,
    "NoSuchVersion": Refusal.GONE,
    "404": Refusal.GONE,
    "MethodNotAllowed": Refusal.GONE,  # the version is a delete marker
    "405": Refusal.GONE,
    "PreconditionFailed": Refusal.OVERWRITTEN,
    "412": Refusal.OVERWRITTEN,
    "InvalidRange": Refusal.EMPTY,
    "416": Refusal.EMPTY,
    "InvalidObjectState": Refusal.ARCHIVED,
    "ObjectNotInActiveTierError": Refusal.ARCHIVED,
    "400": Refusal.CUSTOMER_KEY,  # the response of HeadObject has no message (API reference, HeadObject)
    "InvalidRequest": Refusal.INVALID,
    "KMS.DisabledException": Refusal.KMS_UNUSABLE,
    "KMS.InvalidKeyUsageException": Refusal.KMS_UNUSABLE,
    "KMS.KMSInvalidStateException": Refusal.KMS_UNUSABLE,
    "KMS.NotFoundException": Refusal.KMS_UNUSABLE,
    "KMS.AccessDeniedException": Refusal.KMS_DENIED,
    "AccessDenied": Refusal.DENIED,
    "403": Refusal.DENIED,
}

_EXPLAINED = (Refusal.KMS_DENIED, Refusal.KMS_UNUSABLE, Refusal.DENIED, Refusal.INVALID)
"""The refusals whose reason quotes S3's own message, which may name the action, the key or the policy."""


def code_of(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def final_refusal(error: ClientError) -> Refusal | None:
    """Returns the refusal, whose value is the reason for people. Returns None if the error may be temporary."""
    refusal, message = _BY_CODE.get(code_of(error)), _message(error)
    if refusal is Refusal.INVALID and "Server Side Encryption" in message:
        return Refusal.CUSTOMER_KEY
    if refusal is Refusal.DENIED and "kms:" in message:
        return Refusal.KMS_DENIED
    return refusal


def rejection(error: ClientError, key: str) -> Exception:
    """Returns Rejected with the reason if a retry cannot succeed. Otherwise returns the error itself."""
    refusal = final_refusal(error)
    if refusal is None:
        return error
    reason = refusal.value.format(key=key)
    message = _message(error)
    return Rejected(f"{reason}. S3 answered: {message[:MAX_ANSWER]}" if refusal in _EXPLAINED and message else reason)


def _message(error: ClientError) -> str:
    return error.response["Error"].get("Message", "")
