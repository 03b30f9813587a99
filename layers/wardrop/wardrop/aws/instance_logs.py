"""Requests and reads the tail logs of an environment's instances.

RetrieveEnvironmentInfo returns a signed URL for each instance (API reference, EnvironmentInfoDescription). Everybody
who knows the URL can read the log, and the URL could also lead to another host. Therefore Wardrop never opens, logs or
stores the URL. Wardrop only takes the key from the URL, and reads the object from Beanstalk's bucket with its own
permissions.
"""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from wardrop.errors import Unavailable
from wardrop.evidence.log_request import InstanceLog, LogRequest

if TYPE_CHECKING:
    from mypy_boto3_elasticbeanstalk import ElasticBeanstalkClient
    from mypy_boto3_s3 import S3Client

MOST_BYTES = 84 * 1024
"""The maximum number of bytes that are read from one log. At most three logs, or 256 KB, are read for one request."""

_INSTANCE = re.compile(r"i-[0-9a-f]{1,32}")


class InstanceLogs:
    """Every method makes one call, without retries. Raises Unavailable."""

    def __init__(self, beanstalk: "ElasticBeanstalkClient", s3: "S3Client", bucket: str) -> None:
        self._beanstalk, self._s3, self._bucket = beanstalk, s3, bucket

    def request(self, environment_id: str) -> None:
        """Requests the logs. During an update, Beanstalk may refuse the request with InvalidParameterValue."""
        try:
            self._beanstalk.request_environment_info(EnvironmentId=environment_id, InfoType="tail")
        except ClientError as error:
            raise Unavailable(f"Elastic Beanstalk answered {_code(error)} to the request for the logs") from error
        except BotoCoreError as error:
            raise Unavailable(f"Elastic Beanstalk did not answer in time ({type(error).__name__})") from error

    def available(self, request: LogRequest) -> list[InstanceLog]:
        """Returns the logs that have arrived. Ignores links that do not lead to the environment's own folder."""
        try:
            answer = self._beanstalk.retrieve_environment_info(EnvironmentId=request.environment_id, InfoType="tail")
        except ClientError as error:
            raise Unavailable(f"Elastic Beanstalk answered {_code(error)}") from error
        except BotoCoreError as error:
            raise Unavailable(f"Elastic Beanstalk did not answer in time ({type(error).__name__})") from error
        logs = []
        for described in answer.get("EnvironmentInfo", []):
            instance, key = described.get("Ec2InstanceId", ""), self._key(described.get("Message", ""), request)
            if key is not None and _INSTANCE.fullmatch(instance):
                sampled_at = described.get("SampleTimestamp", datetime.min.replace(tzinfo=UTC))
                logs.append(InstanceLog(instance, key, sampled_at))
        return logs

    def read(self, log: InstanceLog) -> bytes:
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=log.key, Range=f"bytes=0-{MOST_BYTES - 1}")
            return answer["Body"].read(MOST_BYTES)
        except ClientError as error:
            raise Unavailable(f"S3 answered {_code(error)} for the log of {log.instance}") from error
        except BotoCoreError as error:
            raise Unavailable(f"S3 did not answer in time ({type(error).__name__})") from error

    def _key(self, link: str, request: LogRequest) -> str | None:
        """Returns the key in an HTTPS link to a log of the environment in Beanstalk's bucket.

        Returns None for any other link.
        """
        try:
            url = urlsplit(link)
            host, path = url.hostname or "", unquote(url.path).lstrip("/")
        except ValueError:
            return None
        name, _, domain = f".{host}".partition(".s3")
        name = name.removeprefix(".")
        if url.scheme != "https" or not re.fullmatch(r"(?:[.-][a-z0-9-]{1,30})?\.amazonaws\.com(?:\.cn)?", domain):
            return None
        key = path if name else path.removeprefix(f"{self._bucket}/")
        if name not in ("", self._bucket) or (not name and key == path):
            return None
        folder = f"resources/environments/logs/tail/{request.environment_id}/"
        return key if key.startswith(folder) and ".." not in key else None


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]
