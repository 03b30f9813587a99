"""Requests as JSON."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.commands.samples import refused
from wardrop.commands.answers import Refusal, RefusalCode
from wardrop.commands.requests import PlanSettings, loggable, parse
from wardrop.environments.option import ENVIRONMENT_PROPERTIES, OptionSetting


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_every_body_is_a_request_or_malformed(body):
    request = parse(body)
    assert not isinstance(request, Refusal) or request.code is RefusalCode.MALFORMED


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b" " * 200_000, "the limit is 131072"),
        (b'{"command": "plan", "environment": "e"}', "`plan` needs `settings`, `remove` or `files`"),
        (b'{"command": "plan", "environment": "e", "settings": ["InstanceType=m5.large"]}', "matching regex"),
        (b'{"command": "plan", "environment": "e", "remove": ["aws:a:b=c"]}', "matching regex"),
        (b'{"command": "clean", "application": "shop"}', "`application` requires `dry_run`"),
        (b'{"command": "deploy", "environment": "e", "label": "l", "now": true}', "`now` requires `because`"),
        (b'{"command": "pause", "environment": "e", "why": "x"}', "unknown field `why`"),
        (b'{"command": "deploy", "environment": "e", "label": "a/b"}', "`$.label`"),
        (b'{"command": "rollback", "environment": "e", "to": "/"}', "`$.to`"),
        (b'{"command": "pin", "application": "a", "label": ""}', "`$.label`"),
        (b'{"command": "pin", "application": "a", "label": "\\ud800"}', "truncated"),
        (b'{"command": "reboot"}', "Invalid value 'reboot'"),
    ],
)
def test_a_malformed_request_is_refused_with_what_is_wrong(body, reason):
    refused(parse(body), reason, RefusalCode.MALFORMED)


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("aws:ec2:vpc:Subnets=a,b", OptionSetting("aws:ec2:vpc", "Subnets", "a,b")),
        ("aws:ec2:vpc:VPCId=", OptionSetting("aws:ec2:vpc", "VPCId", "")),
        (f"{ENVIRONMENT_PROPERTIES}:A:B=c=d", OptionSetting(ENVIRONMENT_PROPERTIES, "A:B", "c=d")),
    ],
)
def test_a_setting_is_read_as_namespace_option_and_value(text, setting):
    assert PlanSettings(environment="e", settings=[text]).proposal.settings == [setting]


def test_a_request_is_logged_without_the_values_of_its_settings():
    request = PlanSettings(environment="e", settings=[f"{ENVIRONMENT_PROPERTIES}:PASSWORD=swordfish=x"])
    assert loggable(request) == {
        "command": "plan",
        "environment": "e",
        "settings": [f"{ENVIRONMENT_PROPERTIES}:PASSWORD"],
        "remove": [],
        "files": [],
    }


@pytest.mark.parametrize(
    "label", ["release 1.0 + hotfix: a", ".", "..", "v1 \"final\" 'x'", "릴리스 1", "🚀", "a\\b", "#1?x=%20"]
)
def test_a_label_may_have_every_character_but_a_slash(label):
    for command in ("deploy", "approve", "decline", "cancel"):
        body = msgspec.json.encode({"command": command, "environment": "shop-prod", "label": label})
        assert getattr(parse(body), "label", None) == label
