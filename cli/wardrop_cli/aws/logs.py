"""Reads deployment logs in Elastic Beanstalk's bucket."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from wardrop_cli.aws.explain import explanation
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure

MISSING = ("NoSuchKey", "NoSuchBucket", "404")


def read_log(s3: Any, bucket: str, key: str) -> str | Failure:
    """The content of a log. A log has at most 1 MB (AWS Elastic Beanstalk developer guide, "Deployment logs").

    Without s3:ListBucket, S3 responds with AccessDenied for a log that does not exist (API reference, GetObject).
    """
    try:
        return str(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode(errors="replace"))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in MISSING:
            advice = "Platform versions from before March 2026 write no logs."
            return Failure(ExitCode.REFUSED, f"Elastic Beanstalk has no log s3://{bucket}/{key}", advice)
        if code == "AccessDenied":
            advice = f"Ask for s3:GetObject on arn:aws:s3:::{bucket}/resources/environments/logs/deployments/*."
            text = f"S3 denies access to the log s3://{bucket}/{key}: you may not read it, or it does not exist"
            return Failure(ExitCode.NOT_REACHED, text, advice)
        return explanation(error)
    except BotoCoreError as error:
        return explanation(error)
