"""Tests that share a stand-in cloud run on one worker, one after another, so that it starts once."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

INTEGRATION = "tests/integration"
GROUPS = {
    "deployments": ["test_post_to_slack", "test_advance_deployment", "test_watch_environments"],
    "drops": [
        *("test_clean_versions", "test_run_command", "test_receive_drop"),
        *("test_incidents", "test_interruptions"),
    ],
    "alerts": [f"cloud/{name}" for name in ("test_alarms", "test_invocations", "test_streams", "test_topics")],
    "mechanics": [
        f"cloud/{name}"
        for name in (
            *("test_contract", "test_events", "test_faults", "test_function_urls", "test_objects"),
            *("test_permissions", "test_queues", "test_refusals", "test_tables"),
        )
    ],
}
"""The longest first. Slack comes before deployments, because their alerts would be posted too, one in a second; and
clean-up comes before drops, because it would delete the versions of all of them."""

GROUP_OF = {f"{INTEGRATION}/{module}.py": group for group, modules in GROUPS.items() for module in modules} | {
    "tests/e2e/test_eb_cli.py": "real clients",
    "tests/e2e/test_real_clients.py": "real clients",
}
"""By module; any other test may run on any worker."""

ORDER = list(GROUP_OF)


def place_of(nodeid: str) -> int:
    """Where a test stands in the order of all tests."""
    module = nodeid.partition("::")[0]
    return ORDER.index(module) if module in GROUP_OF else len(ORDER)


class GroupScheduling(LoadScopeScheduling):
    """By modules, because `--dist loadgroup` of pytest-xdist 3.8 groups nothing with pytest 9.2."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return GROUP_OF.get(nodeid.partition("::")[0], nodeid)
