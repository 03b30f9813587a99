"""Deployment logs in S3: their address, the ranges that are read, and the meaning of S3's refusals."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber
from moto import mock_aws

from tests.unit.fakes import client
from wardrop.aws.deployment_logs import BEGINNING_BYTES, END_BYTES, DeploymentLogs
from wardrop.errors import Unavailable
from wardrop.evidence.log_part import LogName

BUCKET = "elasticbeanstalk-us-east-1-123456789012"
KEY = "resources/environments/logs/deployments/e-1/eb-deployment-our-request.log"
LOG = LogName("e-1", "our-request")


@pytest.fixture
def s3():
    with mock_aws():
        client("s3").create_bucket(Bucket=BUCKET)
        yield client("s3")


@pytest.fixture
def logs(s3):
    return DeploymentLogs(s3, BUCKET)


def test_at_most_256_kb_are_read():
    assert END_BYTES + BEGINNING_BYTES <= 256 * 1024


def test_a_log_is_where_beanstalk_documents_it(logs):
    assert logs.address(LOG) == f"s3://{BUCKET}/{KEY}"


def test_a_small_log_is_read_whole(s3, logs):
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"all of it")
    part = logs.end(LOG)
    assert part.content == b"all of it"
    assert part.is_whole


def test_of_a_large_log_only_the_end_and_the_beginning_are_read(s3, logs):
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"a" * BEGINNING_BYTES + b"b" * 10 + b"c" * END_BYTES)
    part = logs.end(LOG)
    assert part.content == b"c" * END_BYTES
    assert not part.is_whole
    assert logs.beginning(LOG, part.etag) == b"a" * BEGINNING_BYTES


def test_a_log_that_was_written_to_between_two_reads_is_not_mixed(s3, logs):
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"a" * (END_BYTES + 1))
    part = logs.end(LOG)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"b" * (END_BYTES + 1))
    with pytest.raises(Unavailable, match="changed while Wardrop read it"):
        logs.beginning(LOG, part.etag)


def test_a_missing_log_is_a_clear_word(logs):
    with pytest.raises(Unavailable, match="there is no deployment log"):
        logs.end(LOG)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDenied", "denies access"),
        ("InvalidRange", "is empty"),
        ("NoSuchBucket", "no bucket"),
        ("SlowDown", "SlowDown"),
    ],
)
def test_a_refusal_is_a_clear_word(code, words):
    s3 = client("s3")
    with Stubber(s3) as stub:
        stub.add_client_error("get_object", code)
        with pytest.raises(Unavailable, match=words):
            DeploymentLogs(s3, BUCKET).end(LOG)


class Silent:
    def get_object(self, **_):
        raise ReadTimeoutError(endpoint_url="https://s3")


def test_an_answer_that_does_not_come_is_a_clear_word():
    with pytest.raises(Unavailable, match="did not answer in time"):
        DeploymentLogs(Silent(), BUCKET).end(LOG)


def test_of_the_instances_that_were_launched_since_a_time_the_last_one_is_read(s3, logs):
    folder = "resources/environments/logs/deployments/e-1/selfstartup/eb-deployment-"
    for name in ("20260101T000000Z-i-1", "20260102T030500Z-i-2", "20260102T030600Z-i-3"):
        s3.put_object(Bucket=BUCKET, Key=f"{folder}{name}.log", Body=name.encode())
    assert logs.newest_launch(LOG, datetime(2026, 1, 2, 3, 6, 1, tzinfo=UTC)) is None
    key = logs.newest_launch(LOG, datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    assert key == f"{folder}20260102T030600Z-i-3.log"
    assert logs.of_launch(key).content == b"20260102T030600Z-i-3"


def test_a_list_that_s3_denies_is_unavailable(s3, logs):
    with Stubber(s3) as stub:
        stub.add_client_error("list_objects_v2", "AccessDenied")
        with pytest.raises(Unavailable, match="AccessDenied"):
            logs.newest_launch(LOG, datetime(2026, 1, 2, tzinfo=UTC))
