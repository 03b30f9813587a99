"""Parameters that make no sense together."""

import pytest

from installation.combinations import faults_of_combinations

REGION, ACCOUNT = "eu-central-1", "123456789012"
SECRET = "arn:aws:secretsmanager:{}:123456789012:secret:slack-AbCdEf"
KEY = "arn:aws:kms:{}:{}:key/1234"


def codes(**values: str) -> list[tuple[str, str]]:
    return [(one.severity.value, one.code) for one in faults_of_combinations(values, REGION, ACCOUNT)]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, []),
        ({"SlackSecretArn": SECRET.format(REGION), "SlackChannel": "#ops"}, []),
        ({"SlackChannel": "#ops"}, [("refused", "slack")]),
        ({"SlackSecretArn": SECRET.format("us-east-1")}, [("refused", "slack")]),
        ({"DropPrefix": "releases/"}, [("warning", "drop-prefix")]),
        ({"DropPrefix": "releases/", "DropBucketName": "theirs"}, []),
        ({"DropBucketName": "theirs", "KeepDropsDays": "7"}, [("warning", "keep-drops")]),
        ({"KeepDropsDays": "7"}, []),
        ({"DropKeyArn": KEY.format(REGION, ACCOUNT)}, []),
        ({"DropKeyArn": KEY.format("us-east-1", ACCOUNT)}, [("refused", "key-region")]),
        ({"ReleaseKeyArn": KEY.format(REGION, "210987654321")}, [("warning", "key-account")]),
    ],
)
def test_parameters_that_make_no_sense_together_are_refused_or_warned_of(values, found):
    assert codes(**values) == found
