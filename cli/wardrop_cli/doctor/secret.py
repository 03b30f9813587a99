"""Judges the form of the Slack secret. No result contains a part of it."""

import json

from wardrop_cli.doctor.readings import SecretFault, SecretForm


def form_of(secret: str | None) -> SecretForm | SecretFault:
    try:
        held = json.loads(secret or "")
    except ValueError:
        return SecretFault.NOT_JSON
    if not isinstance(held, dict):
        return SecretFault.NOT_JSON
    match held:
        case {"bot_token": str(token)} if token.startswith("xoxb-"):
            return SecretForm.BOT
        case {"bot_token": _}:
            return SecretFault.NOT_A_BOT_TOKEN
        case {"webhook_url": str(url)} if url.startswith("https://"):
            return SecretForm.WEBHOOK
        case {"webhook_url": _}:
            return SecretFault.NOT_HTTPS
        case _:
            return SecretFault.NEITHER
