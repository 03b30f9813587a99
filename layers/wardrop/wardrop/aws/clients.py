"""Clients of AWS's services. Each client is created once, when it is first used.

The clients are botocore's. boto3 would add 15 ms to a cold start, but no feature that Wardrop needs.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

from wardrop.aws import beanstalk_calls
from wardrop.configuration.check import FUNCTION_LIMIT

if TYPE_CHECKING:
    from boto3 import client as _client
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_elasticbeanstalk import ElasticBeanstalkClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
else:

    def _client(service: str, *, config: Config) -> Any:
        """Creates a client. mypy sees boto3.client instead, because it then knows the type of each service's client."""
        return _session().create_client(service, config=config)


# By default, botocore waits up to a minute for a connection and up to a minute for a response. That is too long,
# because most functions may run for at most half a minute.
PATIENT = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
ONCE = PATIENT.merge(Config(read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1}))
IMPATIENT = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 1})
# S3 responds to CopyObject only after it has copied the whole object, which may be as large as 500 MB.
COPYING = PATIENT.merge(Config(read_timeout=45))


@cache
def _session() -> Session:
    return Session()


@cache
def s3(*, copies: bool = False) -> "S3Client":
    return _client("s3", config=COPYING if copies else PATIENT)


@cache
def s3_impatient() -> "S3Client":
    """A client that gives up within three seconds, for reads that must not delay a rollback."""
    return _client("s3", config=PATIENT.merge(IMPATIENT))


@cache
def dynamodb() -> "DynamoDBClient":
    return _client("dynamodb", config=PATIENT)


@cache
def cloudwatch() -> "CloudWatchClient":
    """A client that gives up within six seconds, because alarms must not delay other evidence."""
    return _client("cloudwatch", config=IMPATIENT.merge(Config(retries={"mode": "standard", "total_max_attempts": 2})))


@cache
def sns() -> "SNSClient":
    return _client("sns", config=PATIENT)


@cache
def secretsmanager() -> "SecretsManagerClient":
    return _client("secretsmanager", config=PATIENT)


@cache
def sqs() -> "SQSClient":
    return _client("sqs", config=PATIENT)


@cache
def ssm() -> "SSMClient":
    return _client("ssm", config=PATIENT)


@cache
def lambda_() -> Any:
    """A client that waits almost as long as the function RunCommand may run.

    It does not retry, because Lambda may execute a retried request twice.
    """
    return _client("lambda", config=ONCE.merge(Config(read_timeout=25)))


@cache
def lambda_impatient() -> Any:
    """A client that invokes the users' check functions.

    It does not retry, because the next evaluation runs the checks again.
    """
    limit = int(FUNCTION_LIMIT.total_seconds())
    return _client("lambda", config=ONCE.merge(Config(read_timeout=limit)))


@cache
def beanstalk_impatient() -> "ElasticBeanstalkClient":
    """A client that gives up within three seconds, for requests that must not delay a rollback."""
    return _client("elasticbeanstalk", config=PATIENT.merge(IMPATIENT))


@cache
def beanstalk(attempts: int = 3) -> "ElasticBeanstalkClient":
    """A function that is not invoked again every minute uses more `attempts`. Six attempts may take half a minute."""
    config = PATIENT.merge(Config(retries={"mode": "standard", "total_max_attempts": attempts}))
    client: ElasticBeanstalkClient = beanstalk_calls.watch(_client("elasticbeanstalk", config=config))
    return client


@cache
def beanstalk_once() -> "ElasticBeanstalkClient":
    """A client without retries, for UpdateEnvironment. If a response was lost, a retry would deploy a second time."""
    client: ElasticBeanstalkClient = beanstalk_calls.watch(_client("elasticbeanstalk", config=ONCE))
    return client
