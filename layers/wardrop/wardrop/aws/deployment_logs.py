"""Reads the deployment logs that Elastic Beanstalk uploads to its own bucket in S3.

Each operation has one log of at most 1 MB. The name of the log contains the RequestId of the call that started the
operation (AWS Elastic Beanstalk developer guide, "Deployment logs"). Platform versions from before 2026-03-11 upload no
logs. An instance that is launched outside a deployment, for example by auto scaling, uploads its own log to the folder
`selfstartup`.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from wardrop.errors import Unavailable
from wardrop.evidence.log_part import FOLDER, LogName, LogPart

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

END_BYTES, BEGINNING_BYTES = 192 * 1024, 64 * 1024
MOST_LAUNCHES = 100

_REASONS = {
    "NoSuchKey": "there is no deployment log; the platform version may be from before March 2026",
    "NoSuchBucket": "Elastic Beanstalk has no bucket in this region",
    # S3 also returns AccessDenied if the log does not exist and the role is not allowed to list the bucket.
    "AccessDenied": "S3 denies access to the deployment log, or the log does not exist",
    "InvalidRange": "the deployment log is empty",
    "PreconditionFailed": "the deployment log changed while Wardrop read it",
}


class DeploymentLogs:
    """Every method except `address` and `address_of` makes one call, and may raise Unavailable."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def address(self, log: LogName) -> str:
        return self.address_of(log.key)

    def end(self, log: LogName) -> LogPart:
        return self._read(log, Range=f"bytes=-{END_BYTES}")

    def beginning(self, log: LogName, etag: str) -> bytes:
        """Reads the beginning of the log. Raises Unavailable if the log no longer has this ETag."""
        part = self._read(log, Range=f"bytes=0-{BEGINNING_BYTES - 1}", IfMatch=etag)
        return part.content

    def newest_launch(self, log: LogName, since: datetime) -> str | None:
        """Returns the key of the log that the newest instance uploaded, or None if there is no log since `since`."""
        folder = f"{FOLDER}/{log.environment_id}/selfstartup/eb-deployment-"
        try:
            answer = self._s3.list_objects_v2(
                Bucket=self._bucket,
                Prefix=folder,
                StartAfter=f"{folder}{since:%Y%m%dT%H%M%SZ}",
                MaxKeys=MOST_LAUNCHES,
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise Unavailable(f"S3 answered {code} to the request for the logs of new instances") from error
        except BotoCoreError as error:
            raise Unavailable(f"S3 did not answer in time ({type(error).__name__})") from error
        return max((entry["Key"] for entry in answer.get("Contents", [])), default=None)

    def of_launch(self, key: str) -> LogPart:
        return self._read_key(key, Range=f"bytes=-{BEGINNING_BYTES}")

    def address_of(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def _read(self, log: LogName, **selection: Any) -> LogPart:
        return self._read_key(log.key, **selection)

    def _read_key(self, key: str, **selection: Any) -> LogPart:
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key, **selection)
            content = answer["Body"].read(END_BYTES)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise Unavailable(_REASONS.get(code, f"S3 answered {code} for the deployment log")) from error
        except BotoCoreError as error:
            raise Unavailable(f"S3 did not answer in time ({type(error).__name__})") from error
        size = int(answer["ContentRange"].rpartition("/")[2]) if "ContentRange" in answer else len(content)
        return LogPart(content, size <= len(content), answer["ETag"], answer["LastModified"])
