"""Checks access to objects with S3's server-side encryption.

If an object is encrypted with a KMS key, the caller needs permissions for the key. If it was uploaded with SSE-C, the
caller must send the same key to read it.

Sources: Amazon S3 user guide, "Using server-side encryption with AWS KMS keys" and "... with customer-provided keys".
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, S3Backend, s3_backends

from local.settings import ACCOUNT, REGION

Given = dict[str, Any]
READS = ("CopyObject", "GetObject", "HeadObject")
CUSTOMER_KEY = (
    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve "
    "the object."
)


def lacks_customer_key(operation: str, given: Given) -> bool:
    """Whether the request lacks the customer's key that its object was uploaded with (SSE-C).

    The MD5 hashes of the keys are compared. `patches.objects` stores the hash for each object.
    """
    key = _read(given) if operation in READS else None
    stated = given.get("CopySourceSSECustomerKeyMD5" if "CopySource" in given else "SSECustomerKeyMD5")
    return key is not None and getattr(key, "customer_key", None) != stated


def keys_used(operation: str, given: Given) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Returns the actions on KMS keys that the caller needs, each with the key and the encryption context.

    HeadObject needs the key only if it returns the checksum. Every caller is allowed to use the AWS managed key for S3.
    """
    reads = operation in READS and (operation != "HeadObject" or given.get("ChecksumMode") == "ENABLED")
    if reads and (key := _read(given)) is not None and key.encryption == "aws:kms" and key.kms_key_id:
        yield "kms:Decrypt", key.kms_key_id, _context(key.bucket_name)
    if operation in ("CopyObject", "CreateMultipartUpload", "PutObject"):
        bucket = _s3().buckets.get(given["Bucket"])
        if bucket is not None and (key_id := given.get("SSEKMSKeyId") or _default_key(bucket)):
            yield "kms:GenerateDataKey", key_id, _context(bucket.name)


def _default_key(bucket: FakeBucket) -> str | None:
    rule = (bucket.encryption or {}).get("Rule", {}).get("ApplyServerSideEncryptionByDefault", {})
    key_id: str | None = rule.get("KMSMasterKeyID")
    return key_id


def _context(bucket: str) -> dict[str, str]:
    """Returns the encryption context. With an S3 Bucket Key, it contains the ARN of the bucket, not of the object."""
    via = f"s3.{REGION}.amazonaws.com"
    return {"kms:viaservice": via, "kms:encryptioncontext:aws:s3:arn": f"arn:aws:s3:::{bucket}"}


def _read(given: Given) -> Any | None:
    bucket, key, version = given["Bucket"], given["Key"], given.get("VersionId")
    if "CopySource" in given:
        source, _, version = given["CopySource"].partition("?versionId=")
        bucket, _, key = unquote(source).lstrip("/").partition("/")
    try:
        return _s3().get_object(bucket, key, version_id=version or None)
    except S3ClientError:
        return None


def _s3() -> S3Backend:
    return s3_backends[ACCOUNT]["aws"]
