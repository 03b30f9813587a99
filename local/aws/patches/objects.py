"""Sends S3's events about new objects, and corrects moto's S3 where it differs from AWS."""

import io
import itertools
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

import flask
from moto.core.utils import unix_time_millis
from moto.s3 import notifications
from moto.s3.exceptions import InvalidRange, PreconditionFailed
from moto.s3.models import FakeBucket, FakeKey, S3Backend
from moto.s3.responses import S3Response

from local.aws.event_bus import envelope
from local.settings import ACCOUNT

REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
}
_sequence = itertools.count(1)


def install(on_event: Callable[[dict[str, Any]], None]) -> None:
    def object_created(_account: str, bucket: FakeBucket, event_name: str, key: Any) -> None:
        # User guide, "EventBridge event message structure". This patch sends only events of type Object Created.
        completes = "uploadId" in flask.request.args
        if event_name not in REASONS or completes != event_name.endswith("CompleteMultipartUpload"):
            return  # moto also reports each part of a multipart upload, and reports its completion twice
        described = {
            "key": key.name,
            "size": key.size,
            "etag": key.etag.strip('"'),
            # AWS's sequencers have different lengths, so the final zeros are removed here. This does not change the
            # order, because clients compare sequencers after they have added zeros at the end.
            "sequencer": f"{int(unix_time_millis()):012X}{next(_sequence):06X}".rstrip("0"),
        }
        if bucket.is_versioned:
            described["version-id"] = key.version_id
        detail = {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": described,
            "request-id": uuid.uuid4().hex[:16].upper(),
            "requester": ACCOUNT,
            "source-ip-address": "127.0.0.1",
            "reason": REASONS[event_name],
        }
        on_event(envelope("aws.s3", "Object Created", detail, [bucket.arn]))

    copy_object, handle_range = S3Response.copy_object, S3Response._handle_range_header

    def copy_if(response: S3Response) -> Any:
        # S3 returns 412 if the condition If-None-Match (since 2024) or x-amz-copy-source-if-match is not met (API
        # reference, CopyObject)
        target = response.backend.get_object(response.bucket_name, response.parse_key_name())
        if response.headers.get("If-None-Match") == "*" and target is not None:
            raise PreconditionFailed("If-None-Match")
        if etag := response.headers.get("x-amz-copy-source-if-match"):
            source = urlparse(response.headers["x-amz-copy-source"])
            bucket, key = unquote(source.path).lstrip("/").split("/", 1)
            version = parse_qs(source.query).get("versionId", [None])[0]
            source_object = response.backend.get_object(bucket, key, version_id=version)
            if source_object is not None and source_object.etag.strip('"') != etag.strip('"'):
                raise PreconditionFailed("x-amz-copy-source-If-Match")
        return copy_object(response)

    def handle_range_header(response: S3Response, request: Any, headers: Any, content: Any) -> Any:
        # S3 refuses every range of an empty object, even a suffix range (RFC 9110, 14.1.2)
        if request.method == "GET" and not content:
            raise InvalidRange(actual_size="0", range_requested=request.headers.get("range"))
        return handle_range(response, request, headers, content)

    def put_object(backend: S3Backend, *given: Any, **named: Any) -> Any:
        # Moto does not store that an object was uploaded with SSE-C. The hash of the key is stored here, because
        # `encryption` needs it to refuse reads without the key.
        key = put_in_memory(backend, *given, **named)
        if flask.has_request_context():  # without a request, the stand-in itself uploads the object
            key.customer_key = flask.request.headers.get("x-amz-server-side-encryption-customer-key-MD5")
        return key

    def get_bucket_notification(response: S3Response) -> Any:
        # moto stores EventBridgeConfiguration, but does not return it
        status, headers, body = get_notification(response)
        present = response.backend.get_bucket_notification_configuration(response.bucket_name)
        if present and present.event_bridge is not None:
            end = "</NotificationConfiguration>"
            without_end = f"{body[:-2]}>" if body.endswith("/>") else body.removesuffix(end)
            body = f"{without_end}<EventBridgeConfiguration/>{end}"
        return status, headers, body

    def without_content(key: FakeKey, _memo: dict[int, Any]) -> FakeKey:
        # When moto lists versions, it copies all objects of the bucket with their content, and never frees the copies.
        # With this patch, a copy has no content.
        twin: FakeKey = object.__new__(FakeKey)
        twin.__dict__.update(key.__dict__, _value_buffer=io.BytesIO(), multipart=None, disposed=True)
        return twin

    setattr(FakeKey, "__deepcopy__", without_content)  # noqa: B010
    get_notification = S3Response.get_bucket_notification
    S3Response.get_bucket_notification = get_bucket_notification
    put_in_memory, S3Backend.put_object = S3Backend.put_object, put_object
    notifications._send_event_bridge_message = object_created
    S3Response.copy_object = copy_if
    S3Response._handle_range_header = handle_range_header
    # If a condition has an operator that moto does not support, moto treats the condition as met. A statement that
    # denies requests without TLS would therefore deny every request. For this reason, `permissions` evaluates the
    # policies, and moto does not.
    FakeBucket.get_permission = lambda *_: None
