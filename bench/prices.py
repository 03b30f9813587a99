"""AWS's list prices in us-east-1 on the date below, without the free tier."""

from dataclasses import dataclass

AS_OF = "2026-11-25"
PUBLIC = "from several articles of 2026"
UNCHECKED = "not checked; the price has not changed for years"


@dataclass(frozen=True)
class Price:
    dollars: float
    per: float
    unit: str
    page: str
    """The path of the price list, relative to https://aws.amazon.com/."""

    source: str
    """How the price was checked, because AWS's own pages were not accessible."""

    @property
    def each(self) -> float:
        return self.dollars / self.per


PRICES = {
    "invocation": Price(0.20, 1e6, "Lambda requests", "lambda/pricing/", PUBLIC),
    "gb-second": Price(0.0000133334, 1, "Lambda GB-seconds, arm64", "lambda/pricing/", PUBLIC),
    "schedule": Price(1.00, 1e6, "EventBridge Scheduler invocations", "eventbridge/pricing/", UNCHECKED),
    "write": Price(0.625, 1e6, "DynamoDB write request units", "dynamodb/pricing/on-demand/", PUBLIC),
    "read": Price(0.125, 1e6, "DynamoDB read request units", "dynamodb/pricing/on-demand/", PUBLIC),
    "standard-queue": Price(0.40, 1e6, "SQS requests, standard queues", "sqs/pricing/", PUBLIC),
    "fifo-queue": Price(0.50, 1e6, "SQS requests, FIFO queues", "sqs/pricing/", PUBLIC),
    "s3-write": Price(0.005, 1e3, "S3 PUT, COPY, POST, LIST", "s3/pricing/", UNCHECKED),
    "s3-read": Price(0.0004, 1e3, "S3 GET and all others", "s3/pricing/", UNCHECKED),
    "s3-gb-month": Price(0.023, 1, "S3 Standard, GB-months", "s3/pricing/", PUBLIC),
    "log-gb": Price(0.50, 1, "CloudWatch Logs, GB ingested", "cloudwatch/pricing/", PUBLIC),
    "alarm-month": Price(0.10, 1, "CloudWatch alarms, months", "cloudwatch/pricing/", PUBLIC),
    "dashboard-month": Price(3.00, 1, "CloudWatch dashboards, months", "cloudwatch/pricing/", UNCHECKED),
    "metric-hour": Price(0.30, 720, "CloudWatch metrics, hours with a value", "cloudwatch/pricing/", UNCHECKED),
    "publish": Price(0.50, 1e6, "SNS requests", "sns/pricing/", UNCHECKED),
    "e-mail": Price(2.00, 1e5, "SNS e-mails, to one address", "sns/pricing/", UNCHECKED),
    "secret-month": Price(0.40, 1, "Secrets Manager, secret-months", "secrets-manager/pricing/", UNCHECKED),
    "trace": Price(5.00, 1e6, "X-Ray traces recorded", "xray/pricing/", UNCHECKED),
}
"""The prices. Elastic Beanstalk's API, standard SSM parameters and events of AWS's own services are free."""
