"""The form of the Slack secret."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop_cli.doctor.readings import SecretFault, SecretForm
from wardrop_cli.doctor.secret import form_of


@pytest.mark.parametrize(
    ("held", "form"),
    [
        ({"bot_token": "xoxb-1"}, SecretForm.BOT),
        ({"webhook_url": "https://hooks.slack.com/x"}, SecretForm.WEBHOOK),
        ({"bot_token": "xoxp-1"}, SecretFault.NOT_A_BOT_TOKEN),
        ({"bot_token": None}, SecretFault.NOT_A_BOT_TOKEN),
        ({"webhook_url": "http://hooks.slack.com/x"}, SecretFault.NOT_HTTPS),
        ({"webhook_url": None}, SecretFault.NOT_HTTPS),
        ({"token": "xoxb-1"}, SecretFault.NEITHER),
        ([], SecretFault.NOT_JSON),
    ],
)
def test_the_form_is_recognized(held: object, form: SecretForm | SecretFault) -> None:
    assert form_of(json.dumps(held)) is form


@given(st.none() | st.text())
def test_any_other_text_is_a_fault(secret: str | None) -> None:
    assert form_of(secret) in (SecretFault.NOT_JSON, SecretFault.NEITHER)
