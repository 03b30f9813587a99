"""The rights that each request needs."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.commands.samples import JANE, JOE, STAGING, caller, refused
from tests.unit.samples import NEW, NOW
from wardrop.commands.answers import HTTP_STATUSES, RefusalCode
from wardrop.commands.permission import Right, has_right, refusal, right_of
from wardrop.commands.requests import (
    Approve,
    Cancel,
    CheckConfiguration,
    Clean,
    Decline,
    Deploy,
    Diff,
    FindDrop,
    Follow,
    ForgetConfiguration,
    History,
    Pause,
    Pin,
    PlanSettings,
    Request,
    Resume,
    Rollback,
    ShowConfiguration,
    Status,
    Unpin,
)
from wardrop.commands.scope import Scope
from wardrop.configuration.in_force import NO_DOCUMENT, InForce, Source
from wardrop.configuration.parameter import Document, Fault, FaultKind
from wardrop.configuration.schema import parse

RELEASE = "arn:aws:iam::123456789012:role/release-*"
OTHERS = "arn:aws:iam::123456789012:role/others"
REQUESTS: dict[Right, list[Request]] = {
    Right.VIEW: [
        Status(),
        History(environment=STAGING),
        PlanSettings(environment=STAGING, remove=["aws:a:B"]),
        Diff(environment=STAGING, other="shop-prod"),
        FindDrop(drop="s3://drops/shop/shop-1.war#v1"),
        Follow(environment=STAGING),
        CheckConfiguration(application="shop", document="environments: []"),
        ShowConfiguration(application="shop"),
        Clean(dry_run=True),
    ],
    Right.OPERATE: [
        Deploy(environment=STAGING, label=NEW),
        Rollback(environment=STAGING),
        Cancel(environment=STAGING),
        Pause(environment=STAGING),
        Resume(environment=STAGING),
        Pin(application="shop", label=NEW),
        Unpin(application="shop", label=NEW),
        Clean(),
    ],
    Right.APPROVE: [
        Approve(environment=STAGING, label=NEW),
        Decline(environment=STAGING, label=NEW),
        ForgetConfiguration(application="shop"),
    ],
}
EVERY = [(right, request) for right, requests in REQUESTS.items() for request in requests]
FIELDS = {Right.VIEW: "viewers", Right.OPERATE: "operators", Right.APPROVE: "approvers"}
FAULT = Fault(kind=FaultKind.DENIED, reason="AccessDenied")
HELD = InForce(Source.HELD, None, fault=FAULT)


def loaded(text: str) -> InForce:
    return InForce(Source.DOCUMENT, parse(text), Document(text=text, version=7, modified_at=NOW))


def scope(configuration: InForce, environment: str | None = STAGING) -> Scope:
    return Scope("shop", "/wardrop/applications/shop", configuration, environment)


def test_every_request_has_a_right():
    assert {type(request) for _, request in EVERY} == set(get_args(Request))


@pytest.mark.parametrize(("right", "request_sent"), EVERY)
def test_every_request_needs_the_right_of_its_class(right: Right, request_sent: Any) -> None:
    assert right_of(request_sent) is right
    configuration = loaded(f'{FIELDS[right]}: ["{OTHERS}"]')
    refused(refusal(request_sent, caller(), scope(configuration)), FIELDS[right], RefusalCode.FORBIDDEN)
    assert HTTP_STATUSES[RefusalCode.FORBIDDEN] == 403
    assert refusal(request_sent, caller(), scope(loaded(f'{FIELDS[right]}: ["{RELEASE}"]'))) is None


@pytest.mark.parametrize(("right", "request_sent"), EVERY)
def test_without_lists_everyone_may_send_every_request(right: Right, request_sent: Any) -> None:
    assert right
    for configuration in (NO_DOCUMENT, loaded("environments: []")):
        assert refusal(request_sent, caller(JOE), scope(configuration)) is None


def test_a_refusal_names_the_place_of_the_list_and_not_its_content():
    own = loaded(f'environments: [{{name: {STAGING}, operators: ["{OTHERS}"]}}]')
    answer = refusal(Pause(environment=STAGING), caller(), scope(own))
    assert answer is not None
    assert answer.reason == (
        "release-managers (session jane) may not operate shop-staging: the list `operators` of the environment "
        "shop-staging does not contain the caller (/wardrop/applications/shop, version 7)"
    )
    assert "others" not in answer.reason + answer.advice
    of_application = refusal(Pause(environment=STAGING), caller(), scope(loaded(f'operators: ["{OTHERS}"]')))
    assert of_application is not None
    assert "of the application shop" in of_application.reason


def test_the_list_of_an_environment_takes_precedence_over_the_list_of_the_application():
    text = (
        f'operators: ["{OTHERS}"]\nenvironments: [{{name: {STAGING}, operators: ["{RELEASE}"]}}, {{name: shop-prod}}]'
    )
    assert refusal(Pause(environment=STAGING), caller(), scope(loaded(text))) is None
    assert refusal(Pause(environment="shop-prod"), caller(), scope(loaded(text), "shop-prod"))
    assert refusal(Pin(application="shop", label=NEW), caller(), scope(loaded(text), None))
    opened = f'operators: ["{OTHERS}"]\nenvironments: [{{name: {STAGING}, operators: []}}]'
    assert refusal(Pause(environment=STAGING), caller(JOE), scope(loaded(opened))) is None


def test_operators_and_approvers_may_view():
    for field in ("operators", "approvers"):
        configuration = loaded(f'viewers: ["{OTHERS}"]\n{field}: ["{RELEASE}"]')
        assert refusal(Status(), caller(), scope(configuration)) is None
        assert refusal(Status(), caller(JOE), scope(configuration))


def test_to_forget_the_document_needs_the_approvers_of_every_environment():
    text = f'environments: [{{name: {STAGING}}}, {{name: shop-prod, approvers: ["{OTHERS}"]}}]'
    answer = refusal(ForgetConfiguration(application="shop"), caller(), scope(loaded(text), None))
    refused(answer, "may not approve shop-prod", RefusalCode.FORBIDDEN)


@pytest.mark.parametrize(("right", "request_sent"), EVERY)
def test_if_nobody_can_read_the_lists_only_requests_that_start_nothing_are_allowed(right: Right, request_sent: Any):
    answer = refusal(request_sent, caller(), scope(HELD))
    if right is Right.VIEW or isinstance(request_sent, Pause | Cancel | Decline):
        assert answer is None
    else:
        refused(answer, "the configuration of shop cannot be read: AccessDenied", RefusalCode.FORBIDDEN)


patterns = st.lists(st.sampled_from([RELEASE, OTHERS, JOE, "arn:*"]), max_size=2)


@given(patterns, patterns, st.none() | patterns, st.sampled_from([JANE, JOE]), st.sampled_from(list(Right)))
def test_a_caller_with_a_right_is_in_a_list_that_gives_the_right(
    of_application: list[str], operators: list[str], own: list[str] | None, arn: str, right: Right
) -> None:
    entry = "" if own is None else f", {FIELDS[right]}: {own}"
    lists = {"viewers": of_application, "operators": operators, "approvers": of_application}
    lists[FIELDS[right]] = of_application
    text = "".join(f"{field}: {value}\n" for field, value in lists.items())
    configuration = parse(f"{text}environments: [{{name: {STAGING}{entry}}}]")
    effective = of_application if own is None else own
    listed = caller(arn).is_one_of(effective)
    allowed = has_right(right, caller(arn), configuration, STAGING)
    if right is Right.VIEW:
        assert allowed or not listed
        assert allowed == (not effective or caller(arn).is_one_of([*effective, *operators, *of_application]))
    else:
        assert allowed == (listed or not effective)
