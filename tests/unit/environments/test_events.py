"""The texts of Beanstalk's events that Wardrop matches."""

import pytest

from tests.unit.samples import ROOT, completed, event, started
from wardrop.environments.events import (
    UPDATE_FAILED,
    UPDATE_STARTS,
    UPDATE_SUCCEEDED,
    VERSION_FAILED,
    blame_the_version,
    end,
    errors,
    excuse_the_version,
    first_cause,
    is_out_of_load_balancer,
    starts,
    unresponsive,
)

FAILED = event("Failed to deploy application.", severity="ERROR")
COMMAND_TEXT = "Unsuccessful command execution on instance id(s) 'i-1'. Aborting the operation."
COMMAND_FAILED = event(COMMAND_TEXT, severity="ERROR")


@pytest.mark.parametrize("text", [UPDATE_STARTS, UPDATE_SUCCEEDED, *UPDATE_FAILED[:2], *VERSION_FAILED[:2]])
def test_the_stand_in_sends_each_text_that_is_matched(text):
    assert text in (ROOT / "local/beanstalk/events.json").read_text()


def test_an_update_starts_with_an_event_that_has_a_request_id():
    assert starts([event(UPDATE_STARTS, request_id=None), started(), completed()]) == [started()]


@pytest.mark.parametrize("text", [UPDATE_SUCCEEDED, *UPDATE_FAILED, f"{UPDATE_FAILED[2]} See the event log."])
def test_an_update_ends_with_its_closing_event(text):
    assert end([started(), event(text)]) == event(text)
    assert end([started(), event("Instance deployment completed successfully.")]) is None


def test_an_end_with_errors_is_an_error_with_any_severity():
    assert errors([started(), event(UPDATE_FAILED[2]), completed()]) == [event(UPDATE_FAILED[2])]


def test_the_first_cause_is_not_the_consequence_of_another_error():
    aborted = event("During an aborted deployment, some instances may have deployed the new version.", severity="ERROR")
    assert first_cause([aborted, COMMAND_FAILED, FAILED]) == "Unsuccessful command execution on instance id(s) 'i-1'"
    assert first_cause([FAILED]) == "Failed to deploy application"


def test_the_version_is_blamed_for_a_command_that_failed():
    assert blame_the_version([COMMAND_FAILED])
    assert not blame_the_version([FAILED])
    assert not excuse_the_version([FAILED])


@pytest.mark.parametrize(
    "text",
    [
        "Instance deployment failed to download the source bundle.",
        "Unable to download from S3 location (Bucket: b  Key: k). Reason: Not Found",
        "[Instance: i-0a1b] Failed to download the source bundle.",
        "Service:AmazonCloudFormation, Message:User: arn:aws:iam::1:user/x is not authorized to perform: ec2:Run",
        "Service:Amazon S3, Message:Access Denied",
        "You are not authorized to perform this operation.",
        "You do not have permission to perform the 's3:CreateBucket' action.",
        "User: arn:aws:sts::1:assumed-role/x/y is not authorized to perform: autoscaling:SuspendProcesses",
        "Access Denied: S3Bucket=elasticbeanstalk-platform-assets-us-east-1, S3Key=stalks/x.pack",
    ],
)
def test_beanstalks_own_sentence_on_a_right_or_a_download_excuses_the_version_whatever_else_failed(text):
    excused = event(text, severity="ERROR")
    assert excuse_the_version([COMMAND_FAILED, excused])
    assert not blame_the_version([COMMAND_FAILED, excused])


@pytest.mark.parametrize(
    "output",
    [
        "Access Denied",
        "AccessDeniedException: User: arn:aws:iam::1:role/x is not authorized to perform: ssm:GetParameter",
        "Failed to download https://repo.acme.test/agent.jar",
        "Unable to download from S3 location",
    ],
)
def test_the_output_of_a_failed_command_does_not_excuse_the_version(output):
    texts = [
        f"[Instance: i-0a1b] Command failed on instance. Return code: 1 Output: {output}.",
        f"Instance deployment failed: {output}",
    ]
    for text in texts:
        failed = event(text, severity="ERROR")
        assert not excuse_the_version([failed])
        assert blame_the_version([failed])


@pytest.mark.parametrize(
    ("listed", "ids"),
    [("[i-1]", ["i-1"]), ("[i-1, i-2]", ["i-1", "i-2"]), ("[i-1,i-2]", ["i-1", "i-2"]), ("[]", [])],
)
def test_the_instances_whose_commands_did_not_end_in_time_are_listed_by_beanstalk(listed, ids):
    text = f"{NOT_RESPONDED} (they might still finish eventually on their own): {listed}."
    hanging = event(text, severity="WARN")
    assert unresponsive([started(), hanging, hanging]) == ids
    assert unresponsive([started(), completed()]) == []


@pytest.mark.parametrize(
    ("cause", "is_out"),
    [
        ("ELB processes are not healthy on 1 out of 2 instances.", True),
        ("ELB health is failing or not available for all instances.", True),
        ("Instance ELB health has not been available for 37 minutes.", True),
        ("20% of the requests to the ELB are erroring with HTTP 4xx.", False),
        ("Impaired services on 1 out of 5 instances.", False),
    ],
)
def test_failed_requests_are_more_than_being_out_of_the_load_balancer(cause, is_out):
    assert is_out_of_load_balancer(cause) is is_out


NOT_RESPONDED = "The following instances have not responded in the allowed command timeout time"


def test_the_stand_in_reports_instances_that_did_not_respond_with_this_text():
    assert NOT_RESPONDED in (ROOT / "local/beanstalk/events.json").read_text()
