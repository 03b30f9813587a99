"""The alert topic in SNS."""

import json
from typing import TYPE_CHECKING

from wardrop.alerts.document import Publication

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class Topic:
    def __init__(self, sns: "SNSClient", arn: str) -> None:
        self._sns = sns
        self._arn = arn

    def publish(self, publication: Publication) -> None:
        """Publishes an alert.

        E-mail subscribers receive the text. SMS subscribers receive the subject. All others receive the JSON document.
        """
        by_protocol = {"default": publication.document, "email": publication.text, "sms": publication.subject}
        self._sns.publish(
            TopicArn=self._arn,
            Subject=publication.subject,
            Message=json.dumps(by_protocol, ensure_ascii=False),
            MessageStructure="json",
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in publication.attributes.items()
            },
        )
