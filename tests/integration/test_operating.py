"""Verbs of the command `wardrop` for operators, on the stand-in: the doctor, and requests to the functions."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.settings import REGION
from tests.integration.shop import APPLICATION, PROD, STAGING, Shop
from wardrop_cli.__main__ import run
from wardrop_cli.exit_codes import ExitCode

PARAMETER = f"/wardrop/applications/{APPLICATION}"
TYPE = "aws:autoscaling:launchconfiguration:InstanceType=m5.large"

Wardrop = Callable[..., tuple[int, Any]]


@pytest.fixture
def wardrop(shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Wardrop:
    """Runs the command with --json, and returns the exit code and the document."""
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}
    for name, value in {"AWS_ENDPOINT_URL": shop.cloud.endpoint, **credentials}.items():
        monkeypatch.setenv(name, value)

    def wardrop(*arguments: str) -> tuple[int, Any]:
        code = run([*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return wardrop


def checks(document: Any, severity: str) -> set[str]:
    return {finding["check"] for finding in document["findings"] if finding["severity"] == severity}


def test_the_doctor_makes_every_check_and_finds_nothing_broken(shop: Shop, wardrop: Wardrop) -> None:
    def complete_document() -> Any:
        """None while a check cannot be made. An alarm without data says nothing about late posts to Slack."""
        _, document = wardrop("doctor")
        return None if checks(document, "cannot_tell") else document

    document = shop.cloud.eventually(complete_document)
    assert checks(document, "broken") == set(), document
    assert document["exit_code"] == ExitCode.SUCCESS


def test_the_doctor_finds_a_disabled_rule_disabled_events_and_a_dead_letter(shop: Shop, wardrop: Wardrop) -> None:
    resources = shop.cloud.client("cloudformation").list_stack_resources(StackName="wardrop")["StackResourceSummaries"]
    names = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
    events, sqs, s3 = (shop.cloud.client(service) for service in ("events", "sqs", "s3"))
    notifications = s3.get_bucket_notification_configuration(Bucket=names["DropBucket"])
    del notifications["ResponseMetadata"]
    events.disable_rule(Name=names["ObjectCreated"])
    sqs.send_message(QueueUrl=names["CleanUpsDead"], MessageBody="{}")
    s3.put_bucket_notification_configuration(Bucket=names["DropBucket"], NotificationConfiguration={})
    try:
        code, document = wardrop("doctor")
    finally:
        events.enable_rule(Name=names["ObjectCreated"])
        sqs.purge_queue(QueueUrl=names["CleanUpsDead"])
        s3.put_bucket_notification_configuration(Bucket=names["DropBucket"], NotificationConfiguration=notifications)
    assert code == ExitCode.FAILED
    assert checks(document, "broken") == {"rules", "drop-events", "dead-letters"}
    assert all(finding["remedy"] for finding in document["findings"] if finding["severity"] == "broken")


def test_plan_and_diff_have_the_answers_of_the_guard(wardrop: Wardrop) -> None:
    code, plan = wardrop("plan", PROD, "--set", TYPE)
    assert (code, plan["outcome"]) == (10, "replaces")
    code, comparison = wardrop("diff", STAGING, PROD)
    assert code == ExitCode.SUCCESS
    assert "aws:autoscaling:asg:MinSize" in [difference["option"] for difference in comparison["differences"]]


def test_a_configuration_is_checked_stored_and_shown(shop: Shop, wardrop: Wardrop, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text("environments: [{name: shop-typo}]\n")
    code, checked = wardrop("config", "check", str(file), "--app", APPLICATION)
    assert (code, "no environment shop-typo" in checked["problem"]) == (ExitCode.REFUSED, True)
    text = f"environments: [{{name: {STAGING}, bake: 0s}}]\n"
    file.write_text(text)
    before = shop.cloud.client("ssm").get_parameter(Name=PARAMETER)["Parameter"]["Version"]
    code, pushed = wardrop("config", "push", str(file), "--app", APPLICATION, "--based-on", str(before))
    assert (code, pushed["version"]) == (ExitCode.SUCCESS, before + 1)
    code, answer = wardrop("config", "show", APPLICATION)
    assert (answer["document"], answer["configuration"]["version"]) == (text, before + 1)
    code, refusal = wardrop("config", "push", str(file), "--app", "mall")
    assert code == ExitCode.REFUSED, refusal


def test_a_pause_is_recorded_and_ended(wardrop: Wardrop) -> None:
    assert wardrop("pause", STAGING, "--because", "sale")[0] == ExitCode.SUCCESS
    _, status = wardrop("status", STAGING)
    assert status["environments"][0]["pause"]["because"] == "sale"
    assert wardrop("resume", STAGING)[0] == ExitCode.SUCCESS
    assert wardrop("resume", STAGING)[0] == ExitCode.REFUSED
