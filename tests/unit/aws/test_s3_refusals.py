"""S3's refusals: the final ones, and the sentences for people."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from wardrop.aws.s3_refusals import MAX_ANSWER, Refusal, final_refusal, rejection
from wardrop.errors import Rejected

KEY = "shop/shop-staging/shop-2.0.war"
SSE_C = (
    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to "
    "retrieve the object."
)
NO_DECRYPT = (
    "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: kms:Decrypt on resource: "
    "arn:aws:kms:us-east-1:123456789012:key/k because no identity-based policy allows the kms:Decrypt action"
)


def error(code: str, message: str = "", operation: str = "GetObject") -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}}
    return ClientError(answer, operation)


@pytest.mark.parametrize(
    ("code", "message", "refusal"),
    [
        ("NoSuchKey", "", Refusal.GONE),
        ("NoSuchVersion", "", Refusal.GONE),
        ("404", "Not Found", Refusal.GONE),
        ("MethodNotAllowed", "", Refusal.GONE),
        ("PreconditionFailed", "", Refusal.OVERWRITTEN),
        ("InvalidRange", "", Refusal.EMPTY),
        ("InvalidObjectState", "The operation is not valid for the object's storage class", Refusal.ARCHIVED),
        ("ObjectNotInActiveTierError", "The source object is not in the active tier", Refusal.ARCHIVED),
        ("InvalidRequest", SSE_C, Refusal.CUSTOMER_KEY),
        ("400", "Bad Request", Refusal.CUSTOMER_KEY),
        ("InvalidRequest", "something else", Refusal.INVALID),
        ("AccessDenied", "Access Denied", Refusal.DENIED),
        ("403", "Forbidden", Refusal.DENIED),
        ("AccessDenied", NO_DECRYPT, Refusal.KMS_DENIED),
        ("KMS.DisabledException", "arn:aws:kms:… is disabled.", Refusal.KMS_UNUSABLE),
        ("KMS.KMSInvalidStateException", "… is pending deletion.", Refusal.KMS_UNUSABLE),
        ("KMS.NotFoundException", "Invalid keyId", Refusal.KMS_UNUSABLE),
    ],
)
def test_a_final_refusal_rejects_the_drop_with_its_key_and_what_to_do(code, message, refusal):
    assert final_refusal(error(code, message)) is refusal
    rejected = rejection(error(code, message), KEY)
    assert isinstance(rejected, Rejected)
    assert rejected.reason.startswith(refusal.value.format(key=KEY))


@pytest.mark.parametrize(
    "code",
    [
        "SlowDown",
        "InternalError",
        "ServiceUnavailable",
        "RequestTimeout",
        "ThrottlingException",
        "KMS.KeyUnavailableException",
        "ConditionalRequestConflict",
        "503",
        "ASentenceThatS3MayInvent",
    ],
)
def test_an_error_that_may_be_temporary_is_not_a_rejection(code):
    temporary = error(code)
    assert final_refusal(temporary) is None
    assert rejection(temporary, KEY) is temporary


def test_a_denial_quotes_s3_because_s3_may_name_the_action_and_the_key():
    reason = str(rejection(error("AccessDenied", NO_DECRYPT), KEY))
    assert reason.endswith(f"S3 answered: {NO_DECRYPT}")
    assert "DropKeyArn" in reason


def test_a_quotation_is_bounded_and_an_empty_one_is_left_out():
    assert len(str(rejection(error("AccessDenied", "x" * 9999), KEY))) < MAX_ANSWER + 300
    assert "answered" not in str(rejection(error("403"), KEY))


@pytest.mark.parametrize("refusal", Refusal)
def test_every_reason_can_be_filled_in(refusal):
    assert "{" not in refusal.value.format(key=KEY)
