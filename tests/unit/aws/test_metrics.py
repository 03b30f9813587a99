"""Wardrop's metrics: the code that counts them, and the lines that CloudWatch reads."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

from tests.unit.samples import NOW, queued
from wardrop.aws import beanstalk_calls
from wardrop.aws.deployment_story import report
from wardrop.aws.metrics import Metric, count, outcome
from wardrop.deployments.history import Moment
from wardrop.deployments.state import ACTIVE, State
from wardrop.drops.receipt import ReceiptStatus
from wardrop.structs import replace


def written(output: str) -> dict[str, float]:
    """The values in the lines that CloudWatch reads as metrics, by metric."""
    values = {}
    for line in map(json.loads, output.splitlines()):
        if "_aws" in line:
            [definition] = line["_aws"]["CloudWatchMetrics"]
            assert (definition["Namespace"], definition["Dimensions"]) == ("Wardrop", [["service"]])
            [metric] = definition["Metrics"]
            values[metric["Name"]] = line[metric["Name"]][0]
    return values


@pytest.fixture(autouse=True)
def _enabled(monkeypatch):
    monkeypatch.setenv("STACK_NAME", "wardrop-test")


def test_a_metric_has_the_stack_as_its_only_dimension(capsys):
    count(Metric.DROPS_ACCEPTED, 2)
    output = capsys.readouterr().out
    assert written(output) == {"DropsAccepted": 2}
    assert json.loads(output)["service"] == "wardrop-test"


@pytest.mark.parametrize("state", [state for state in State if state not in ACTIVE])
def test_a_finished_deployment_is_counted_by_its_outcome_with_the_time_since_its_first_update(capsys, state):
    history = [
        Moment(NOW, State.QUEUED, "dropped"),
        Moment(NOW + timedelta(minutes=5), State.DEPLOYING, "deploys"),
        Moment(NOW + timedelta(minutes=7), state, "ended"),
    ]
    report(replace(queued(), state=state, history=history))
    assert written(capsys.readouterr().out) == {outcome(state): 1, "DeploymentSeconds": 120}


def test_a_deployment_that_never_updated_its_environment_has_no_duration(capsys):
    report(replace(queued(), state=State.DECLINED, history=[Moment(NOW, State.DECLINED, "declined")]))
    assert written(capsys.readouterr().out) == {"DeploymentsDeclined": 1}


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_an_active_deployment_is_not_counted(capsys, state):
    report(replace(queued(), state=state))
    assert written(capsys.readouterr().out) == {}


def test_every_status_of_a_drop_has_a_metric():
    assert {Metric[f"DROPS_{status.name}"] for status in ReceiptStatus} <= set(Metric)


ANSWERS = [
    (400, "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"),
    (200, "<DescribeEnvironmentsResponse><DescribeEnvironmentsResult/></DescribeEnvironmentsResponse>"),
    (400, "<ErrorResponse><Error><Code>InvalidParameterValue</Code><Message>No</Message></Error></ErrorResponse>"),
]


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, text = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None: ...


def test_each_attempt_of_a_call_to_beanstalk_is_logged_and_refusals_because_of_too_many_calls_are_counted(
    capsys, caplog
):
    caplog.set_level("INFO", "wardrop")
    with HTTPServer(("localhost", 0), Answering) as server:
        server.answers = list(ANSWERS)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        api = Session().create_client("elasticbeanstalk", endpoint_url=f"http://localhost:{server.server_port}")
        beanstalk_calls.watch(api)
        api.describe_environments()
        with pytest.raises(ClientError, match="InvalidParameterValue"):
            api.describe_environments()
        server.shutdown()
    beanstalk_calls.write()
    beanstalk_calls.write()
    [record] = caplog.records
    assert (record.beanstalk_calls, record.beanstalk_calls_throttled) == (3, 1)
    assert written(capsys.readouterr().out) == {"BeanstalkCallsThrottled": 1}
