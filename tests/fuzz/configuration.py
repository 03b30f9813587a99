"""Configuration documents in Parameter Store."""

from typing import Any

import yaml
from hypothesis import strategies as st

from tests.fuzz.ebextensions import FLOW, REPEATED
from tests.fuzz.oracle import check_line, check_world
from tests.fuzz.strategies import TEXT, mutated
from tests.fuzz.target import Target
from tests.unit.samples import NOW
from tests.unit.world import World
from wardrop.configuration.arn_pattern import matches
from wardrop.configuration.freeze import active_window

SEED: dict[str, Any] = {
    "environments": [
        {"name": "shop-staging", "bake": "5m", "freeze": ["Fri 16:00 - Mon 08:00 Asia/Seoul"], "approval": "none"},
        [{"name": "shop-prod", "approvers": ["arn:aws:iam::123456789012:role/release-*"], "batch": "30%"}],
    ],
    "versions": {"keep_last": 30, "keep_for": "30d", "scope": "own"},
    "slack": {"channel": "#shop-ops"},
}
ARN = "arn:aws:sts::123456789012:assumed-role/" + "a" * 64 + "/" + "a" * 64


def _written(document: Any) -> str:
    try:
        text: str = yaml.safe_dump(document, allow_unicode=True)
    except (yaml.YAMLError, RecursionError):
        return str(document)
    return text


DOCUMENTS = st.one_of(
    mutated(SEED).map(str),
    mutated(SEED).map(_written),
    FLOW.map(lambda flow: f"environments: {flow}"),
    st.builds("slack: {{channel: {}}}".format, TEXT),
    st.builds("environments: [{{name: shop-prod, approvers: ['arn:{}']}}]".format, st.text("a*?", max_size=200)),
    REPEATED.map(lambda text: text[:8_000]),
    TEXT,
)


def check(text: str) -> None:
    """Parameter Store accepts 8 KB of characters, and returns no half surrogate pairs."""
    world = World()
    text = text[:8_192].encode("utf-8", "replace")[:8_192].decode("utf-8", "ignore")
    world.parameters.documents["shop"] = text
    loaded = world.configurations.load("shop", lambda: list(world.beanstalk.described), NOW)
    configuration = loaded.for_alerts
    for name in world.beanstalk.described:
        entry = configuration.environment(name)
        active_window(entry.freeze, NOW)
        for pattern in (*(entry.approvers or ()), *(entry.operators or ()), *(entry.viewers or ())):
            matches(pattern, ARN)
    check_line(configuration.slack.channel or "")
    check_line(loaded.fault.reason if loaded.fault else "", 9_000)
    check_world(world)


TARGET = Target(DOCUMENTS, check)
