"""The dashboard and the saved query of the template, and the metrics and log keys that the code writes."""

import ast
import inspect
import itertools
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from tests import gate
from tests.unit.samples import ROOT, queued
from tests.unit.template_checks import Model, statements
from wardrop.aws import beanstalk_calls, deployment_story
from wardrop.aws.metrics import Metric, outcome
from wardrop.deployments.state import ACTIVE, State
from wardrop.drops.receipt import ReceiptStatus
from wardrop.slack.errors import CredentialsRefused, OutOfTime, RateLimited, Unreachable

SOURCES = [*(ROOT / "layers/wardrop/wardrop").rglob("*.py"), *(ROOT / "functions").rglob("app.py")]
WIDTH = 24


@cache
def model() -> Model:
    return Model(gate.expand(gate.TEMPLATE.read_text()))


@cache
def widgets() -> list[dict[str, Any]]:
    """With the widgets' parts for Slack."""
    [properties] = model().of("AWS::CloudWatch::Dashboard").values()
    text, parts = properties["DashboardBody"]["Fn::Sub"]
    for name, part in parts.items():
        text = text.replace(f"${{{name}}}", part["Fn::If"][1]["Fn::Sub"])
    body: list[dict[str, Any]] = json.loads(text)["widgets"]
    return body


def metrics(widget: dict[str, Any]) -> Iterator[list[str]]:
    """The metrics of a widget in full. "." repeats the text at the same place, and "..." all but the last text."""
    before: list[str] = []
    for row in widget["properties"]["metrics"]:
        texts = [part for part in row if isinstance(part, str)]
        if texts[0] == "...":
            texts = [*before[: len(before) - len(texts) + 1], *texts[1:]]
        before = [old if text == "." else text for text, old in zip(texts, before or texts, strict=True)]
        yield before


def actions(function: str) -> set[str]:
    """The actions that the function's role allows."""
    return {
        action
        for where, statement in statements(model())
        if where.startswith(f"{function}Role/") and statement["Effect"] == "Allow"
        for action in model().texts(statement["Action"])
    }


def shown() -> Iterator[list[str]]:
    return itertools.chain.from_iterable(metrics(widget) for widget in widgets() if widget["type"] == "metric")


def counted() -> set[Metric]:
    """The metrics that the code counts, by name or by one of the three rules for names."""
    names = {
        node.attr
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Metric"
    }
    made = {Metric[name] for name in names}
    made |= {outcome(state) for state in State if state not in ACTIVE}
    made |= {Metric[f"DROPS_{status.name}"] for status in ReceiptStatus}
    made |= {Metric(f"Slack{kind.__name__}") for kind in (CredentialsRefused, OutOfTime, RateLimited, Unreachable)}
    return made | {Metric(name) for name in clean_up_metrics()}


def clean_up_metrics() -> set[str]:
    report = ast.parse((ROOT / "layers/wardrop/wardrop/versions/report.py").read_text())
    [function] = [node for node in ast.walk(report) if isinstance(node, ast.FunctionDef) and node.name == "metrics"]
    return {
        key.value
        for node in ast.walk(function)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }


def test_the_dashboard_shows_exactly_the_metrics_that_the_code_counts():
    own = {metric[1] for metric in shown() if metric[0] == "Wardrop"}
    assert own == {metric.value for metric in counted()}
    assert counted() == set(Metric)
    assert all(metric[2:] == ["service", "${AWS::StackName}"] for metric in shown() if metric[0] == "Wardrop")


def test_the_alarms_watch_only_metrics_of_aws_or_metrics_that_the_code_counts():
    alarms = model().of("AWS::CloudWatch::Alarm").values()
    assert alarms
    names = {properties["MetricName"] for properties in alarms if properties["Namespace"] == "Wardrop"}
    assert names <= {metric.value for metric in Metric}


@pytest.mark.parametrize(
    ("metric", "kind", "attribute"),
    [
        ("Errors", "AWS::Lambda::Function", ""),
        ("ApproximateNumberOfMessagesVisible", "AWS::SQS::Queue", ".QueueName"),
        ("ApproximateAgeOfOldestMessage", "AWS::SQS::Queue", ".QueueName"),
    ],
)
def test_the_dashboard_shows_every_function_and_every_queue(metric, kind, attribute):
    names = set(model().of(kind))
    if metric != "Errors":
        is_dead = metric == "ApproximateNumberOfMessagesVisible"
        names = {name for name in names if name.endswith("Dead") is is_dead}
    assert {shown[3] for shown in shown() if shown[1] == metric} == {f"${{{name}{attribute}}}" for name in names}


def test_the_calls_to_beanstalk_come_from_the_logs_of_all_functions_that_make_them():
    [query] = [widget["properties"]["query"] for widget in widgets() if widget["type"] == "log"]
    with_beanstalk = {
        name
        for name, properties in model().functions().items()
        if any("elasticbeanstalk:" in action for action in actions(name))
    }
    assert set(re.findall(r"SOURCE '\$\{(\w+)Log\}'", query)) == with_beanstalk
    written = set(re.findall(r'"(\w+)":', inspect.getsource(beanstalk_calls.write)))
    assert set(re.findall(r"(?:ispresent|sum)\((\w+)\)", query)) <= written


def test_widgets_fill_rows_without_overlapping():
    cells = [
        (x, y)
        for widget in widgets()
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert all(x < WIDTH for x, _ in cells)
    assert len(cells) == WIDTH * (1 + max(y for _, y in cells))


def test_the_saved_query_reads_every_functions_log_and_only_keys_that_the_code_writes():
    [query] = model().of("AWS::Logs::QueryDefinition").values()
    groups = [name["Fn::If"][1] if "Fn::If" in name else name for name in query["LogGroupNames"]]
    assert sorted(group["Ref"] for group in groups) == sorted(
        f"{name}Log" for name in model().of("AWS::Lambda::Function")
    )
    fields = re.findall(r"\w+", re.sub(r"@\w+", "", query["QueryString"].splitlines()[0]).removeprefix("fields"))
    [filtered] = re.findall(r"filter (\w+)", query["QueryString"])
    written = set(re.findall(r'"(\w+)":', inspect.getsource(deployment_story.report))) | {"message", "service"}
    assert {*fields, filtered} <= written


def test_the_query_in_the_documents_is_the_saved_one():
    [query] = model().of("AWS::Logs::QueryDefinition").values()
    assert query["QueryString"].strip() in (ROOT / "docs/operations.md").read_text()


def test_a_deployments_record_has_the_keys_of_the_query(caplog):
    caplog.set_level("INFO", "wardrop")
    deployment = queued()
    deployment_story.report(deployment)
    [record] = caplog.records
    keys = {
        name: getattr(record, name)
        for name in ("deployment_id", "application", "environment", "version_label", "state")
    }
    assert keys == {
        "deployment_id": deployment.id,
        "application": deployment.application,
        "environment": deployment.environment,
        "version_label": deployment.label,
        "state": deployment.state,
    }
    assert record.getMessage() == deployment.reason
