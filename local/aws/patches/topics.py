"""Corrects moto's SNS where it differs from AWS."""

import sys
from collections.abc import Callable
from typing import Any

from moto.sns.models import Subscription

from local.aws import queues
from local.aws.permissions import service_may


def install(on_mail: Callable[[str, str, str], None]) -> None:
    publish = Subscription.publish

    def publish_to(subscription: Subscription, message: str, message_id: str, **given: Any) -> None:
        # Moto does not send e-mail, and does not check the policies of queues.
        topic, endpoint, matcher = subscription.topic.arn, subscription.endpoint, subscription._filter_policy_matcher
        if subscription.protocol == "email":
            if matcher is None or matcher.matches(given.get("message_attributes"), message):
                structured = given.get("message_structure") == "json"
                text = subscription._parse_message_structure(message, "email") if structured else message
                on_mail(endpoint, given.get("subject") or "AWS Notification Message", text)
        elif subscription.protocol != "sqs" or _lets_in(topic, endpoint):
            publish(subscription, message, message_id, **given)
        else:
            print(f"a message is lost: the policy of {endpoint} does not allow {topic}", file=sys.stderr)

    Subscription.publish = publish_to


def _lets_in(topic: str, queue: str) -> bool:
    held = queues.backend().queues.get(queue.rsplit(":", 1)[1])
    return held is not None and service_may(held.policy, "sns.amazonaws.com", "sqs:SendMessage", queue, topic)
