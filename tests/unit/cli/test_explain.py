"""Errors of AWS's SDK are one sentence with advice."""

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
    UnknownServiceError,
)

from wardrop_cli.aws.explain import explanation
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Unreachable, usage

URL = "https://ssm.eu-west-1.amazonaws.com/"


def refused(code: str, message: str = "x") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetParameter")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NoRegionError(), "no region"),
        (InvalidRegionError(region_name="x y"), "x y"),
        (ProfileNotFound(profile="nobody"), "nobody"),
        (NoCredentialsError(), "no AWS credentials"),
        (PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "not complete"),
        (CredentialRetrievalError(provider="sso", error_msg="x"), "cannot be read"),
        (SSLError(endpoint_url=URL, error="x"), "certificate"),
        (UnknownServiceError(service_name="x", known_service_names="y"), "cannot be reached"),
        (ValueError("Invalid endpoint: x"), "Invalid endpoint"),
        (refused("ExpiredToken"), "have expired"),
        (refused("RequestTimeTooSkewed"), "refuses the time"),
        (refused("InvalidSignatureException", "Signature expired: 2026 is now earlier than"), "refuses the time"),
        (refused("SignatureDoesNotMatch"), "does not accept the signature"),
        (refused("UnrecognizedClientException"), "does not accept the credentials"),
        (refused("AccessDeniedException"), "may not call GetParameter"),
        (refused("Surprise"), "answered GetParameter with Surprise"),
    ],
)
def test_every_error_is_explained_with_advice(error: Exception, text: str) -> None:
    failure = explanation(error)
    assert text in failure.text
    assert failure.advice
    assert (failure.exit_code, isinstance(failure, Unreachable)) == (ExitCode.NOT_REACHED, False)


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url=URL),
        ReadTimeoutError(endpoint_url=URL),
        ProxyConnectionError(proxy_url="http://proxy"),
    ],
)
def test_a_fault_of_the_network_may_pass(error: Any) -> None:
    assert isinstance(explanation(error), Unreachable)


def test_a_failure_stays_what_it_is() -> None:
    assert explanation(failure := usage("x")) is failure
