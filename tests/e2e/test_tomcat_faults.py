"""Real Tomcats and load balancers: the pages that they serve, their failures, and the end of their processes."""

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud
from tests.integration.shop import archive
from tests.tomcats import wars
from tests.tomcats.load import Load

pytestmark = pytest.mark.real

STAGING, PROD = "shop-staging", "shop-prod"
PROPERTY = "aws:elasticbeanstalk:application:environment"
LOGS = "resources/environments/logs/deployments"


@pytest.fixture(scope="module")
def fleet() -> Iterator[Cloud]:
    with Cloud(speed=200, fleet="tomcat") as running:
        running.client("s3").create_bucket(Bucket="releases")
        yield running


def environment(fleet: Cloud, name: str = STAGING) -> dict[str, Any]:
    return dict(fleet.client("elasticbeanstalk").describe_environments(EnvironmentNames=[name])["Environments"][0])


def deploy(fleet: Cloud, label: str, content: bytes, **more: Any) -> str:
    """Deploys to `shop-staging`, and returns the texts of the deployment's events and its log."""
    beanstalk, s3 = fleet.client("elasticbeanstalk"), fleet.client("s3")
    source = {"S3Bucket": "releases", "S3Key": f"{label}.war"}
    s3.put_object(Bucket="releases", Key=f"{label}.war", Body=content)
    beanstalk.create_application_version(ApplicationName="shop", VersionLabel=label, SourceBundle=source)
    update = beanstalk.update_environment(EnvironmentName=STAGING, VersionLabel=label, **more)
    request_id = update["ResponseMetadata"]["RequestId"]
    key = f"{LOGS}/{environment(fleet)['EnvironmentId']}/eb-deployment-{request_id}.log"
    bucket = "elasticbeanstalk-us-east-1-123456789012"
    fleet.eventually(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents"), 120)
    log = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    messages = [event["Message"] for event in beanstalk.describe_events(RequestId=request_id)["Events"]]
    return "\n".join([*messages, log])


def page(fleet: Cloud, path: str = "", name: str = STAGING) -> tuple[int, str]:
    """The status and the text of a page of the website. AllAtOnce ends before haproxy sends requests to the server."""
    connection = HTTPConnection(environment(fleet, name)["EndpointURL"], timeout=10)
    connection.request("GET", f"/{path}")
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def processes(fleet: Cloud, text: str = "") -> list[int]:
    """The Tomcats and haproxies of this stand-in whose command line contains the text."""
    own = f"wardrop-tomcat-{fleet.process.pid}-"
    commands = {int(file.parent.name): file.read_bytes().decode() for file in Path("/proc").glob("[0-9]*/cmdline")}
    return [pid for pid, command in commands.items() if own in command and text in command]


def of_instance(fleet: Cloud, name: str) -> int:
    health = fleet.client("elasticbeanstalk").describe_instances_health(EnvironmentName=name)
    return processes(fleet, health["InstanceHealthList"][0]["InstanceId"])[0]


def test_a_bundle_of_several_wars_serves_each_under_its_name_and_properties_are_system_properties(fleet):
    page_of_property = {"index.jsp": '<%= System.getProperty("shop.region") %>'}
    setting = {"Namespace": PROPERTY, "OptionName": "shop.region", "Value": "Seoul & Busan = 2"}
    deploy(
        fleet,
        "several",
        archive({"ROOT.war": wars.war(page_of_property), "admin.war": wars.sound("admin")}),
        OptionSettings=[setting],
    )
    fleet.eventually(lambda: page(fleet) == (200, "Seoul & Busan = 2"))
    assert "<h1>admin</h1>" in page(fleet, "admin/")[1]


def test_the_cname_of_an_environment_reaches_its_tomcats(fleet):
    connection = HTTPConnection("localhost", fleet.port)
    connection.request("GET", "/?a=b", headers={"Host": environment(fleet, PROD)["CNAME"]})
    assert connection.getresponse().read() == b"<h1>shop-0</h1>\n"


def test_a_bundle_that_unzip_cannot_read_fails_the_command_and_the_running_tomcat_is_not_touched(fleet):
    before = of_instance(fleet, STAGING)
    report = deploy(fleet, "unreadable", b"no archive")
    assert "Command failed on instance." in report
    assert "/usr/bin/unzip -q -o" in report
    assert of_instance(fleet, STAGING) == before


@pytest.mark.parametrize(
    ("class_name", "event", "cause"),
    [
        ("BlocksAtStart", "have not responded in the allowed command timeout", "Deploying web application directory"),
        ("EatsHeap", "did not pass health check", "java.lang.OutOfMemoryError: Java heap space"),
        ("Exits", "Command failed on instance.", "required setting PAYMENT_API_URL is missing, giving up"),
        ("MadeForTomcat9", "did not pass health check", "javax/servlet/ServletContextListener"),
    ],
)
def test_a_version_that_does_not_start_fails_with_the_output_of_tomcat_in_its_log(fleet, class_name, event, cause):
    report = deploy(fleet, class_name, wars.with_listener(class_name))
    assert event in report
    assert cause in report


def test_a_version_that_does_not_stop_is_killed_and_the_next_one_runs(fleet):
    deploy(fleet, "stubborn", wars.with_listener("DoesNotStop"))
    assert "Environment update completed successfully." in deploy(fleet, "next", wars.sound("next"))
    fleet.eventually(lambda: "<h1>next</h1>" in page(fleet)[1])


def policy(name: str) -> dict[str, str]:
    return {"Namespace": "aws:elasticbeanstalk:command", "OptionName": "DeploymentPolicy", "Value": name}


@pytest.mark.parametrize("name", ["RollingWithAdditionalBatch", "Immutable", "TrafficSplitting"])
def test_no_request_fails_while_instances_are_launched_and_terminated(fleet, name):
    with Load(f"http://{environment(fleet)['EndpointURL']}/") as load:
        report = deploy(fleet, name, wars.sound(name), OptionSettings=[policy(name)])
        fleet.eventually(
            lambda: len(processes(fleet, environment(fleet)["EnvironmentId"])) == 2
        )  # The old instance has ended.
    assert "Environment update completed successfully." in report
    fleet.eventually(lambda: f"<h1>{name}</h1>" in page(fleet)[1])
    assert load.answers.requests > 1000
    assert load.answers.failed == 0, load.answers


def test_a_port_that_another_program_took_fails_the_deployment_and_is_the_cause_in_its_log(fleet):
    [port] = {line.split()[3].rpartition(":")[2] for line in listeners(of_instance(fleet, STAGING))}
    taken, ended = threading.Event(), threading.Event()

    def take() -> None:
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            while not taken.is_set() and not ended.is_set():
                try:
                    other.bind(("127.0.0.1", int(port)))
                    other.listen()
                    taken.set()
                except OSError:
                    time.sleep(0.001)
            ended.wait(60)

    thief = threading.Thread(target=take)
    thief.start()
    try:
        report = deploy(fleet, "port-taken", wars.sound("port taken"), OptionSettings=[policy("Rolling")])
    finally:
        ended.set()
        thief.join()
    assert taken.is_set()
    assert "did not pass health check" in report
    assert "java.net.BindException: Address already in use" in report


def listeners(pid: int) -> list[str]:
    lines = subprocess.run(["ss", "-Hltnp"], check=True, capture_output=True, text=True).stdout.splitlines()
    return [line for line in lines if f"pid={pid}," in line]


def test_a_tomcat_that_is_killed_lowers_health_and_the_others_answer(fleet):
    os.kill(of_instance(fleet, PROD), signal.SIGKILL)
    fleet.eventually(lambda: environment(fleet, PROD)["HealthStatus"] == "Warning")
    assert {page(fleet, name=PROD) for _ in range(10)} == {(200, "<h1>shop-0</h1>\n")}


def test_a_killed_load_balancer_makes_health_severe_and_is_started_again_at_its_address(fleet):
    address = environment(fleet, PROD)["EndpointURL"]
    of_environment = processes(fleet, environment(fleet, PROD)["EnvironmentId"])
    [balancer] = set(of_environment) & set(processes(fleet, "haproxy.cfg"))
    os.kill(balancer, signal.SIGKILL)
    texts = ("to Severe. ELB health is failing or not available for all instances.", "from Severe to Warning.")
    beanstalk = fleet.client("elasticbeanstalk")

    def reported() -> bool:
        events = beanstalk.describe_events(EnvironmentName=PROD)["Events"]
        return all(any(text in event["Message"] for event in events) for text in texts)

    fleet.eventually(reported)
    assert environment(fleet, PROD)["EndpointURL"] == address
    assert page(fleet, name=PROD)[0] == 200


def test_a_terminated_environment_leaves_no_process(fleet):
    beanstalk, name = fleet.client("elasticbeanstalk"), environment(fleet)["EnvironmentId"]
    assert processes(fleet, name)
    beanstalk.terminate_environment(EnvironmentName=STAGING)
    fleet.eventually(lambda: not processes(fleet, name), 20)
    assert processes(fleet)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_stand_in(number):
    with Cloud(speed=200, fleet="tomcat") as running:
        assert len(processes(running)) == 4 + 2
        running.process.send_signal(number)
        running.process.wait(10)
        running.eventually(lambda: not processes(running), 5)
    left = list(Path(tempfile.gettempdir()).glob(f"wardrop-tomcat-{running.process.pid}-*"))
    assert bool(left) == (number is signal.SIGKILL)
