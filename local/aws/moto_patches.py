"""Where moto is not as AWS in what Wardrop relies on, or slow to start; each patch says what AWS does."""

import itertools
import json
import re
import sys
import threading
import time
import types
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

import flask
from moto.awslambda.models import LambdaBackend
from moto.cloudwatch.models import Alarm
from moto.core import responses as core_responses
from moto.core import utils as core_utils
from moto.core.loaders import create_loader
from moto.core.utils import method_names_from_class, unix_time_millis
from moto.events.models import EventsBackend, Rule
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.iam.policy_validation import IAMPolicyDocumentValidator
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.s3 import notifications
from moto.s3.exceptions import InvalidRange, PreconditionFailed
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response
from moto.sns.models import Subscription
from moto.sqs import models as sqs_models
from moto.sqs.models import Message, Queue, SQSBackend
from werkzeug.routing import Rule as UrlRule

from local.aws import queues, tables
from local.aws.alarms import State
from local.aws.event_bus import envelope
from local.aws.permissions import service_may
from local.settings import ACCOUNT, REGION

DEDUPLICATION_SECONDS = 300
REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
}
_sequence = itertools.count(1)


def install(
    on_arrival: Callable[[str], None],
    on_event: Callable[[dict[str, Any]], None],
    on_alarm: Callable[[Alarm, State, State], None],
    on_mail: Callable[[str, str, str], None],
    invoke: Callable[[str, bytes, bool], tuple[bytes, str | None] | None],
) -> None:
    """`on_arrival` hears the ARN of a queue or stream with something new, `on_event` envelopes for the event bus,
    `on_alarm` an alarm with its states before and after, `on_mail` an address, a subject and a text.

    `invoke` gets a function's name or ARN, the payload, and whether the caller waits; it returns the answer and
    what kind of error that is, or None for a function that does not run here. All are called in the thread that
    serves the request.
    """
    _patch_start()
    _patch_policies()
    _patch_queues(on_arrival)
    _patch_events(on_event)
    _patch_s3(on_event)
    tables.install(on_arrival)
    _patch_alarms(on_alarm)
    _patch_topics(on_mail)
    _patch_functions(invoke)


def _patch_start() -> None:
    # there is no EC2 here, and moto's, which its SSM imports for RunCommand, takes a second to load
    sys.modules.setdefault("moto.ec2", types.ModuleType("moto.ec2")).__dict__.setdefault("ec2_backends", None)
    # URLs are only matched here; compiling for each rule what would build one takes half a second
    UrlRule._compile_builder = lambda *_: lambda *_, **__: ("", "")  # type: ignore[method-assign]
    # moto reads each service's model with a loader of its own, which looks at all folders of botocore first
    core_utils.create_loader = cache(create_loader)
    # moto lists the methods of a service's class with each request
    core_responses.method_names_from_class = cache(method_names_from_class)
    # moto lists its own folder and tries every service's address with each request, up to a millisecond of it
    DomainDispatcherApplication.get_backend_for_host = cache(DomainDispatcherApplication.get_backend_for_host)


def _patch_policies() -> None:
    # IAM takes a policy without Version, which then is 2008-10-17; so SAM writes some of its own
    IAMPolicyDocumentValidator._validate_version = lambda _: None
    attach = IAMBackend.attach_role_policy

    def attach_role_policy(backend: IAMBackend, policy_arn: str, role_name: str) -> None:
        # moto reads all of AWS's own policies, or none; reading all takes half a second
        name = policy_arn.rsplit("/", 1)[1]
        found = re.search(rf'^ "{re.escape(name)}":', aws_managed_policies_data, re.MULTILINE)
        if policy_arn not in backend.managed_policies and ":iam::aws:policy/" in policy_arn and found:
            data, _ = json.JSONDecoder().raw_decode(aws_managed_policies_data, found.end())
            policy = AWSManagedPolicy.from_data(name, ACCOUNT, REGION, data)
            backend.managed_policies[policy.arn] = policy
        attach(backend, policy_arn, role_name)

    IAMBackend.attach_role_policy = attach_role_policy


def _patch_queues(on_arrival: Callable[[str], None]) -> None:
    # moto makes two dates to read the clock, for every message of a queue that is looked into.
    setattr(sqs_models, "unix_time_millis", lambda: time.time() * 1000)  # noqa: B010

    def add_message(queue: Queue, message: Message) -> None:
        # Developer guide, "Using the message deduplication ID": for five minutes after sending, also when the
        # first message is deleted; within the group if DeduplicationScope is messageGroup. A message that was
        # moved to a dead-letter queue is not deduplicated. Sequence numbers rise (moto: random).
        with queue._messages_lock:
            if queue.fifo_queue and not message.approximate_receive_count:
                scope = message.group_id if queue.deduplication_scope == "messageGroup" else None
                seen: dict[Any, float] = queue.__dict__.setdefault("_seen", {})
                now, key = time.monotonic(), (scope, message.deduplication_id)
                if now - seen.get(key, -DEDUPLICATION_SECONDS) < DEDUPLICATION_SECONDS:
                    return
                seen[key] = now
                message.sequence_number = f"{18_000_000_000_000_000_000 + next(_sequence):020}"
            queue._messages.append(message)
            queue._messages_lock.notify_all()
        on_arrival(queue.queue_arn)

    receive, delete, change = SQSBackend.receive_message, Queue.delete_message, SQSBackend.change_message_visibility

    def receive_message(backend: SQSBackend, queue_name: str, count: int, _: int, *given: Any) -> list[Message]:
        # moto changes the list of messages without its lock, and spins while it waits and a FIFO group is held:
        # here nobody waits. What is visible again is in nobody's hands: moto finds that out one by one on its way
        # through the queue, and hands out a FIFO group's last message first.
        queue = backend.get_queue(queue_name)
        with queue._messages_lock:
            queue.pending_messages.difference_update([one for one in queue.pending_messages if one.visible])
            found: list[Message] = receive(backend, queue_name, count, 0, *given)
            return found

    def delete_message(queue: Queue, receipt_handle: str) -> None:
        with queue._messages_lock:
            delete(queue, receipt_handle)

    set_attributes = Queue._set_attributes

    def _set_attributes(queue: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
        # API reference, SetQueueAttributes: what is not named stays (moto: the policy does not)
        policy = {"Policy": queue.policy} if "_policy_json" in queue.__dict__ else {}
        set_attributes(queue, policy | attributes, now)

    Queue._set_attributes = _set_attributes

    def change_message_visibility(backend: SQSBackend, queue_name: str, **given: Any) -> None:
        queue = backend.get_queue(queue_name)
        with queue._messages_lock:
            change(backend, queue_name, **given)
        on_arrival(queue.queue_arn)  # it may be visible again

    Queue.add_message = add_message
    Queue.delete_message = delete_message
    SQSBackend.receive_message = receive_message
    SQSBackend.change_message_visibility = change_message_visibility


def _patch_events(on_event: Callable[[dict[str, Any]], None]) -> None:
    # moto delivers in the caller's thread, to few kinds of targets, also from disabled rules
    Rule.send_to_targets = lambda *_, **__: None
    checked = EventsBackend.put_events

    def put_events(backend: EventsBackend, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = checked(backend, entries)
        for entry, answer in zip(entries, answers, strict=True):
            if entry.get("Source", "").startswith("aws."):
                # API reference, PutEvents: only AWS's services may use this prefix
                answer.clear()
                answer["ErrorCode"] = "NotAuthorizedForSourceException"
                answer["ErrorMessage"] = "Not authorized for the source."
            elif "EventId" in answer:
                detail, resources = json.loads(entry["Detail"]), entry.get("Resources", [])
                on_event(envelope(entry["Source"], entry["DetailType"], detail, resources, answer["EventId"]))
        return answers

    EventsBackend.put_events = put_events


def _patch_s3(on_event: Callable[[dict[str, Any]], None]) -> None:
    def object_created(_account: str, bucket: FakeBucket, event_name: str, key: Any) -> None:
        # User guide, "EventBridge event message structure"; other types than Object Created are not sent here
        completes = "uploadId" in flask.request.args
        if event_name not in REASONS or completes != event_name.endswith("CompleteMultipartUpload"):
            return  # moto tells of parts, and of a completed upload twice
        described = {
            "key": key.name,
            "size": key.size,
            "etag": key.etag.strip('"'),
            "sequencer": f"{int(unix_time_millis()):012X}{next(_sequence):06X}",
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
        # API reference, CopyObject: If-None-Match (2024) and x-amz-copy-source-if-match answer 412
        target = response.backend.get_object(response.bucket_name, response.parse_key_name())
        if response.headers.get("If-None-Match") == "*" and target is not None:
            raise PreconditionFailed("If-None-Match")
        if wanted := response.headers.get("x-amz-copy-source-if-match"):
            source = urlparse(response.headers["x-amz-copy-source"])
            bucket, key = unquote(source.path).lstrip("/").split("/", 1)
            version = parse_qs(source.query).get("versionId", [None])[0]
            found = response.backend.get_object(bucket, key, version_id=version)
            if found is not None and found.etag.strip('"') != wanted.strip('"'):
                raise PreconditionFailed("x-amz-copy-source-If-Match")
        return copy_object(response)

    def handle_range_header(response: S3Response, request: Any, headers: Any, content: Any) -> Any:
        # RFC 9110 14.1.2 and S3: no range of an empty object can be satisfied, not even a suffix
        if request.method == "GET" and not content:
            raise InvalidRange(actual_size="0", range_requested=request.headers.get("range"))
        return handle_range(response, request, headers, content)

    notifications._send_event_bridge_message = object_created
    S3Response.copy_object = copy_if
    S3Response._handle_range_header = handle_range_header
    # moto takes every condition operator that it does not know as met: a TLS-only Deny would lock all out.
    # The policies are evaluated in `permissions`.
    FakeBucket.get_permission = lambda *_: None


def _patch_functions(invoke: Callable[[str, bytes, bool], tuple[bytes, str | None] | None]) -> None:
    # moto would start a container
    in_container = LambdaBackend.invoke

    def invoke_here(
        backend: LambdaBackend, name: str, qualifier: str | None, body: Any, headers: Any, answered: dict[str, str]
    ) -> Any:
        waits = headers.get("X-Amz-Invocation-Type") != "Event"
        payload = body if isinstance(body, bytes) else body.encode()
        found = invoke(name, payload or b"{}", waits)
        if found is None:
            return in_container(backend, name, qualifier, body, headers, answered)
        if found[1]:
            answered["x-amz-function-error"] = "Unhandled"
        return found[0]

    LambdaBackend.invoke = invoke_here


def _patch_alarms(on_alarm: Callable[[Alarm, State, State], None]) -> None:
    make, update, lock = Alarm.__init__, Alarm.update_state, threading.Lock()

    def made(alarm: Alarm, *args: Any, **given: Any) -> None:
        make(alarm, *args, **given)
        alarm.state_value = "INSUFFICIENT_DATA"  # until it is evaluated

    def update_state(alarm: Alarm, reason: str, reason_data: str, state_value: str) -> None:
        with lock:
            before = State.of(alarm)
            update(alarm, reason, reason_data, state_value)
            after = State.of(alarm)
        if before.value != after.value:
            on_alarm(alarm, before, after)

    Alarm.__init__, Alarm.update_state = made, update_state


def _patch_topics(on_mail: Callable[[str, str, str], None]) -> None:
    publish = Subscription.publish

    def publish_to(subscription: Subscription, message: str, message_id: str, **given: Any) -> None:
        # moto sends no mail, and asks no queue whether it lets the topic in
        topic, endpoint, matcher = subscription.topic.arn, subscription.endpoint, subscription._filter_policy_matcher
        if subscription.protocol == "email":
            if matcher is None or matcher.matches(given.get("message_attributes"), message):
                structured = given.get("message_structure") == "json"
                text = subscription._parse_message_structure(message, "email") if structured else message
                on_mail(endpoint, given.get("subject") or "AWS Notification Message", text)
        elif subscription.protocol != "sqs" or _lets_in(topic, endpoint):
            publish(subscription, message, message_id, **given)
        else:
            print(f"a message is lost: {endpoint} does not let {topic} in", file=sys.stderr)

    Subscription.publish = publish_to


def _lets_in(topic: str, queue: str) -> bool:
    held = queues.backend().queues.get(queue.rsplit(":", 1)[1])
    return held is not None and service_may(held.policy, "sns.amazonaws.com", "sqs:SendMessage", queue, topic)
