"""Requests to run_command, mutated from the files in events/run_command."""

import importlib
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.oracle import SECRET, check_answer, check_world
from tests.fuzz.strategies import DOCUMENTS, TEXT, mutated, written
from tests.fuzz.target import Target
from tests.unit.commands.samples import JANE
from tests.unit.commands.test_run import CommandWorld
from tests.unit.guard.samples import OPTIONS
from tests.unit.samples import NEW, event_files, queued, reserve, version

app: Any = importlib.import_module("functions.run_command.app")

ENVIRONMENT = "shop-staging"
SEEDS = [
    {"command": "deploy", "environment": ENVIRONMENT, "label": NEW, "now": True, "because": "x"},
    {"command": "rollback", "environment": ENVIRONMENT, "to": NEW, "because": "x"},
    {"command": "approve", "environment": ENVIRONMENT, "label": NEW},
    {"command": "decline", "environment": ENVIRONMENT, "label": NEW, "because": "x"},
    {"command": "cancel", "environment": ENVIRONMENT, "label": NEW},
    {"command": "pause", "environment": ENVIRONMENT, "because": "x"},
    {"command": "resume", "environment": ENVIRONMENT},
    {"command": "pin", "application": "shop", "label": NEW},
    {"command": "status", "of": "shop"},
    {"command": "history", "environment": ENVIRONMENT, "limit": 20},
    {"command": "drop", "drop": "s3://drops/shop/shop-1.war#v1"},
    {"command": "deployment", "environment": ENVIRONMENT, "since": "2026-01-02T03:04:05Z"},
    {"command": "diff", "environment": ENVIRONMENT, "other": ENVIRONMENT},
    {"command": "config show", "application": "shop"},
    {"command": "config check", "application": "shop", "document": f"environments: [{{name: {ENVIRONMENT}}}]"},
    {
        "command": "plan",
        "environment": ENVIRONMENT,
        "settings": ["aws:autoscaling:launchconfiguration:InstanceType=m5"],
    },
]
SETTINGS = st.builds(
    "{}:{}={}".format,
    st.sampled_from(sorted({namespace for namespace, _ in OPTIONS})),
    st.sampled_from(sorted({name for _, name in OPTIONS})) | TEXT,
    TEXT | st.just('{"Ref": "x"}') | DOCUMENTS.map(written),
)
SECRETS = st.just(f"aws:elasticbeanstalk:application:environment:PASSWORD={SECRET}")
PLANS = st.lists(SETTINGS | SECRETS, max_size=300).map(
    lambda settings: {"command": "plan", "environment": ENVIRONMENT, "settings": settings}
)
FILES = st.dictionaries(st.just("01.config") | TEXT, DOCUMENTS.map(written) | TEXT, max_size=3).map(
    lambda files: {"command": "plan", "environment": ENVIRONMENT, "files": files}
)
CHECKS = (DOCUMENTS.map(written) | TEXT).map(
    lambda document: {"command": "config check", "application": "shop", "document": document}
)
BODIES = st.one_of(
    st.sampled_from(SEEDS).flatmap(mutated).map(written),
    PLANS.map(written),
    CHECKS.map(written),
    FILES.map(written),
    TEXT,
)


def check(body: str) -> None:
    world = CommandWorld()
    world.beanstalk.options = dict(OPTIONS)
    reserve(world.ledger, version())
    world.has(queued())
    answer = app.respond(
        {"body": body, "requestContext": {"authorizer": {"iam": {"userArn": JANE}}}},
        world.run,
    )
    assert answer["statusCode"] in (200, 400, 404, 409, 503), answer
    check_answer(answer["body"])
    assert SECRET not in answer["body"]
    check_world(world)


RECORDED = [event.get("body") or "" for event in event_files("run_command").values()]

TARGET = Target(BODIES | st.sampled_from(RECORDED), check)
