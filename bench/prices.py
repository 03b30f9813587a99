"""AWS's list prices in us-east-1, without any free tier, as they were on the day below."""

from dataclasses import dataclass

AS_OF = "2026-11-25"
PUBLIC = "several articles of 2026 name it"
REMEMBERED = "not looked up; long the same"


@dataclass(frozen=True)
class Price:
    dollars: float
    per: float
    what: str
    page: str
    """AWS's own page, below https://aws.amazon.com/."""

    seen: str
    """How it was checked; the pages themselves could not be read where this was written."""

    @property
    def each(self) -> float:
        return self.dollars / self.per


PRICES = {
    "invocation": Price(0.20, 1e6, "Lambda requests", "lambda/pricing/", PUBLIC),
    "gb-second": Price(0.0000133334, 1, "Lambda GB-seconds, arm64", "lambda/pricing/", PUBLIC),
    "schedule": Price(1.00, 1e6, "EventBridge Scheduler invocations", "eventbridge/pricing/", REMEMBERED),
    "write": Price(0.625, 1e6, "DynamoDB write request units", "dynamodb/pricing/on-demand/", PUBLIC),
    "read": Price(0.125, 1e6, "DynamoDB read request units", "dynamodb/pricing/on-demand/", PUBLIC),
    "standard-queue": Price(0.40, 1e6, "SQS requests, standard queues", "sqs/pricing/", PUBLIC),
    "fifo-queue": Price(0.50, 1e6, "SQS requests, FIFO queues", "sqs/pricing/", PUBLIC),
    "s3-write": Price(0.005, 1e3, "S3 PUT, COPY, POST, LIST", "s3/pricing/", REMEMBERED),
    "s3-read": Price(0.0004, 1e3, "S3 GET and all others", "s3/pricing/", REMEMBERED),
    "s3-gb-month": Price(0.023, 1, "S3 Standard, GB-months", "s3/pricing/", PUBLIC),
    "log-gb": Price(0.50, 1, "CloudWatch Logs, GB ingested", "cloudwatch/pricing/", PUBLIC),
    "alarm-month": Price(0.10, 1, "CloudWatch alarms, months", "cloudwatch/pricing/", PUBLIC),
    "publish": Price(0.50, 1e6, "SNS requests", "sns/pricing/", REMEMBERED),
    "letter": Price(2.00, 1e5, "SNS e-mails, to one address", "sns/pricing/", REMEMBERED),
    "secret-month": Price(0.40, 1, "Secrets Manager, secret-months", "secrets-manager/pricing/", REMEMBERED),
    "trace": Price(5.00, 1e6, "X-Ray traces recorded", "xray/pricing/", REMEMBERED),
}
"""Elastic Beanstalk's API, standard SSM parameters, and events of AWS's own services cost nothing."""
