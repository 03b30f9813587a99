"""Clients of AWS's services, each made once, on first use."""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_elasticbeanstalk import ElasticBeanstalkClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

# boto3 would wait a minute for a connection and another for an answer; most functions have half a minute.
PATIENT = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
ONCE = PATIENT.merge(Config(read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1}))
# S3 copies up to 500 MB inside CopyObject before it answers.
COPYING = PATIENT.merge(Config(read_timeout=45))


@cache
def s3(*, copies: bool = False) -> "S3Client":
    return boto3.client("s3", config=COPYING if copies else PATIENT)


@cache
def dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=PATIENT)


@cache
def sns() -> "SNSClient":
    return boto3.client("sns", config=PATIENT)


@cache
def secretsmanager() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=PATIENT)


@cache
def sqs() -> "SQSClient":
    return boto3.client("sqs", config=PATIENT)


@cache
def ssm() -> "SSMClient":
    return boto3.client("ssm", config=PATIENT)


@cache
def lambda_() -> Any:
    """For what another function answers within RunCommand's half minute; asked once, for it may do something."""
    return boto3.client("lambda", config=ONCE.merge(Config(read_timeout=25)))


@cache
def beanstalk(attempts: int = 3) -> "ElasticBeanstalkClient":
    """More attempts are for who has no tick that comes back; six may take half a minute."""
    config = PATIENT.merge(Config(retries={"mode": "standard", "total_max_attempts": attempts}))
    return boto3.client("elasticbeanstalk", config=config)


@cache
def beanstalk_once() -> "ElasticBeanstalkClient":
    """For UpdateEnvironment: a retry after a lost answer would be a second deployment."""
    return boto3.client("elasticbeanstalk", config=ONCE)
