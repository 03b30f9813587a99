"""CloudTrail's record of a call to Elastic Beanstalk's API. The record shows who started an update.

Source: AWS developer guide, "Logging Elastic Beanstalk API calls with AWS CloudTrail". Wardrop compares the record's
requestID with the RequestId of the update's events, although AWS does not document that they are equal.
"""

import msgspec

CALL = "AWS API Call via CloudTrail"

MOST_CHARACTERS = 200


class Identity(msgspec.Struct, frozen=True):
    arn: str = ""


class Parameters(msgspec.Struct, frozen=True, rename="camel"):
    environment_name: str | None = None
    environment_id: str | None = None


class Detail(msgspec.Struct, frozen=True, rename="camel"):
    event_name: str
    request_id: str = msgspec.field(name="requestID")
    request_parameters: Parameters = Parameters()
    user_identity: Identity = Identity()
    user_agent: str = ""
    error_code: str | None = None
    """The error code of the call. None: the call was successful."""


class CallEvent(msgspec.Struct, frozen=True):
    id: str
    detail: Detail


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The identity that called Elastic Beanstalk. The values are untrusted, so their length is limited."""

    request_id: str
    arn: str
    user_agent: str
    environment_id: str | None = None


def caller_of(event: CallEvent) -> Caller:
    detail = event.detail
    return Caller(
        request_id=detail.request_id,
        arn=detail.user_identity.arn[:MOST_CHARACTERS] or "an unknown identity",
        user_agent=detail.user_agent[:MOST_CHARACTERS] or "an unknown client",
        environment_id=detail.request_parameters.environment_id,
    )
