"""The reasons why AWS cannot be reached."""

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)

from installation.findings import refuses
from installation.reach import LOG_IN, explanation


def answered(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "..."}}, "GetCallerIdentity")


@pytest.mark.parametrize(
    ("error", "code", "next_step"),
    [
        (NoRegionError(), "region", "Set AWS_REGION"),
        (NoCredentialsError(), "credentials", "Set AWS_PROFILE"),
        (PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "credentials", "Set AWS_PROFILE"),
        (ProfileNotFound(profile="prod"), "profile", "Correct AWS_PROFILE"),
        (UnauthorizedSSOTokenError(), "credentials", LOG_IN),
        (answered("ExpiredToken"), "credentials", LOG_IN),
        (answered("InvalidClientTokenId"), "credentials", LOG_IN),
        (EndpointConnectionError(endpoint_url="https://sts.nowhere.amazonaws.com"), "connection", "Check AWS_REGION"),
        (answered("Throttling"), "aws", "Correct the cause"),
    ],
)
def test_each_reason_has_a_next_step(error, code, next_step):
    finding = explanation(error)
    assert (finding.code, refuses([finding])) == (code, True)
    assert finding.next_step.startswith(next_step)
