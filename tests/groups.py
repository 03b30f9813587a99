"""Tests that share a stand-in cloud run on one worker, one after another, so that it starts once."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "demo": """
        e2e/test_demo
    """,
    "deployments": """
        integration/test_advance_deployment
        integration/test_checks
        integration/test_watch_environments
    """,
    "alerts": """
        integration/test_post_to_slack
        integration/test_guarded_deployment
        integration/test_log
        integration/test_alarms
    """,
    "commands": """
        integration/test_incidents
        integration/test_clean_versions
        integration/test_command_line
        integration/test_run_command
        integration/test_operating
    """,
    "drops": """
        integration/test_receive_drop
        integration/test_interruptions
    """,
    "real clients": """
        e2e/test_eb_cli
        e2e/test_real_clients
        e2e/test_ansible
        e2e/test_build
    """,
    "documents": """
        e2e/test_document_sessions
        e2e/test_ci_recipes
    """,
    "tomcats": """
        e2e/test_tomcats
        e2e/test_tomcat_faults
    """,
    "small stack": """
        integration/cloud/test_contract
        integration/cloud/test_events
        integration/cloud/test_faults
        integration/cloud/test_function_urls
        integration/cloud/test_objects
        integration/cloud/test_permissions
        integration/cloud/test_queues
        integration/cloud/test_refusals
        integration/cloud/test_tables
    """,
    "alert stack": """
        integration/cloud/test_alarms
        integration/cloud/test_invocations
        integration/cloud/test_streams
        integration/cloud/test_topics
    """,
}
"""The groups that take longest come first. The modules of a group run in this order.

Slack comes before other alerts, because the alerts of their deployments would also be posted, one a second. Incidents
and clean-up come before commands: a deployment that has just succeeded explains bad health for some time, and clean-up
would have to delete the versions of all their drops.
"""

GROUP_OF = {f"tests/{module}.py": group for group, modules in GROUPS.items() for module in modules.split()}
"""By module. A test without a group may run on any worker."""

ORDER = list(GROUP_OF)


def place_of(nodeid: str) -> int:
    """The place of a test in the order of all tests."""
    module = nodeid.partition("::")[0]
    return ORDER.index(module) if module in GROUP_OF else len(ORDER)


class GroupScheduling(LoadScopeScheduling):
    """Groups tests by their modules, because `--dist loadgroup` of pytest-xdist 3.8 groups nothing with pytest 9.2."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return GROUP_OF.get(nodeid.partition("::")[0], nodeid)
