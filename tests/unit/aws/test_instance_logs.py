import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.unit.samples import NOW
from wardrop.aws.instance_logs import MOST_BYTES, InstanceLogs
from wardrop.errors import Unavailable
from wardrop.evidence.log_request import MOST_INSTANCES, InstanceLog, LogRequest

BUCKET = "elasticbeanstalk-us-west-2-123456789012"
KEY = "resources/environments/logs/tail/e-1/i-09c1c867/TailLogs-1440109397703.out"
SIGNED = "?AWSAccessKeyId=AKIDEXAMPLE&Expires=1440195891&Signature=n%2BEalOV6A2HI"
REQUEST = LogRequest(environment="shop", environment_id="e-1", deployment="d-1", since=NOW, at=NOW)


class Client:
    """Replaces Beanstalk and S3. It answers with one list of descriptions and one object."""

    def __init__(self, *links: str, fails: Exception | None = None) -> None:
        self.links, self.fails = links, fails
        self.calls: list[dict[str, Any]] = []

    def _note(self, given: dict[str, Any]) -> None:
        self.calls.append(given)
        if self.fails:
            raise self.fails

    def request_environment_info(self, **given: Any) -> None:
        self._note(given)

    def retrieve_environment_info(self, **given: Any) -> dict[str, Any]:
        self._note(given)
        return {"EnvironmentInfo": list(self._described())}

    def _described(self) -> Iterator[dict[str, Any]]:
        for link in self.links:
            yield {"Ec2InstanceId": "i-09c1c867", "Message": link, "SampleTimestamp": NOW, "InfoType": "tail"}

    def get_object(self, **given: Any) -> dict[str, Any]:
        self._note(given)
        return {"Body": io.BytesIO(b"x" * (MOST_BYTES + 1))}


def logs(client: Any) -> InstanceLogs:
    return InstanceLogs(client, client, BUCKET)


@pytest.mark.parametrize(
    "host",
    [
        f"{BUCKET}.s3.amazonaws.com/",
        f"{BUCKET}.s3.us-west-2.amazonaws.com/",
        f"{BUCKET}.s3-us-west-2.amazonaws.com/",
        f"s3.us-west-2.amazonaws.com/{BUCKET}/",
        f"{BUCKET}.s3.cn-north-1.amazonaws.com.cn/",
    ],
)
def test_a_link_to_the_bucket_of_beanstalk_names_the_key(host):
    [log] = logs(Client(f"https://{host}{KEY}{SIGNED}")).available(REQUEST)
    assert log == InstanceLog("i-09c1c867", KEY, NOW)


@pytest.mark.parametrize(
    "link",
    [
        f"http://{BUCKET}.s3.amazonaws.com/{KEY}",
        f"https://{BUCKET}.s3.amazonaws.com.evil.test/{KEY}",
        f"https://{BUCKET}.s3.evil.test/{KEY}",
        f"https://other.s3.amazonaws.com/{KEY}",
        f"https://s3.amazonaws.com/other/{KEY}",
        f"https://{BUCKET}.s3.amazonaws.com/{KEY.replace('e-1', 'e-2')}",
        f"https://{BUCKET}.s3.amazonaws.com/resources/environments/logs/tail/e-1/../e-2/x",
        f"https://{BUCKET}.s3.amazonaws.com/resources/environments/logs/tail/e-1/%2e%2e/x",
        f"https://169.254.169.254/{KEY}",
        f"file:///{KEY}",
        "https://[",
        "",
    ],
)
def test_a_link_to_another_host_bucket_or_folder_is_ignored(link):
    assert logs(Client(link)).available(REQUEST) == []


def test_the_link_is_never_kept():
    [log] = logs(Client(f"https://{BUCKET}.s3.amazonaws.com/{KEY}{SIGNED}")).available(REQUEST)
    assert "Signature" not in repr(log)


def test_the_object_is_read_from_beanstalks_own_bucket_within_the_limit():
    client = Client()
    assert len(logs(client).read(InstanceLog("i-1", KEY, NOW + timedelta(seconds=1)))) == MOST_BYTES
    assert client.calls == [{"Bucket": BUCKET, "Key": KEY, "Range": f"bytes=0-{MOST_BYTES - 1}"}]
    assert MOST_BYTES * MOST_INSTANCES <= 256 * 1024


@pytest.mark.parametrize(
    "error",
    [
        ClientError(
            {"Error": {"Code": "InvalidParameterValue", "Message": "Must be Ready."}}, "RequestEnvironmentInfo"
        ),
        ReadTimeoutError(endpoint_url="https://elasticbeanstalk.test"),
    ],
)
def test_every_error_of_aws_is_unavailable(error):
    failing = logs(Client(fails=error))
    with pytest.raises(Unavailable):
        failing.request("e-1")
    with pytest.raises(Unavailable):
        failing.available(REQUEST)
    with pytest.raises(Unavailable):
        failing.read(InstanceLog("i-1", KEY, NOW))
