"""`python -m local.demo [WAR]`: a WAR goes live, is promoted; one that cannot answer is taken back, and cleaned up."""

import io
import json
import shlex
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from local.cloud import Cloud
from local.settings import REGION
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.deployments.deployment import Deployment, Moment
from wardrop.deployments.state import State

APPLICATION, STAGING, PROD = "shop", "shop-staging", "shop-prod"
PATIENCE_SECONDS = 120
EXIT_CODES = {State.SUCCEEDED: 0, State.FAILED: 3, State.ROLLED_BACK: 4, State.SUPERSEDED: 6}
REJECTED, STILL_RUNNING = 5, 7
CONFIGURATION = "environments: [{name: shop-staging, bake: 3s}, {name: shop-prod, bake: 3s}]"
KEEP_LITTLE = "{keep_last: 0, keep_for: 0s, keep_good_per_environment: 1}"
STYLES = {State.SUCCEEDED: "green", State.FAILED: "red", State.ROLLING_BACK: "red", State.ROLLED_BACK: "yellow"}
WEBAPP = Path(__file__).parent / "webapp"

console = Console(highlight=False, soft_wrap=True)


class Demo:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._s3 = cloud.client("s3")
        self._beanstalk = cloud.client("elasticbeanstalk")
        self._ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
        self._environment = PROD
        """The one that is looked at."""

        self._told: set[tuple[datetime, str]] = set()
        self._fleet = ""

    def configure(self, document: str = CONFIGURATION) -> None:
        """Well for three seconds is good here; otherwise it takes two real minutes."""
        name = f"/wardrop/applications/{APPLICATION}"
        self._cloud.client("ssm").put_parameter(Name=name, Value=document, Type="String", Overwrite=True)
        command = f"aws ssm put-parameter --name {name} --type String --overwrite --value"
        console.print(f"\n[bold]$ {command} {escape(shlex.quote(document))}[/]")

    def look_at(self, environment: str) -> None:
        self._environment, self._fleet = environment, ""
        list(self._news())  # what happened before is another story

    def drop(self, name: str, content: bytes, folder: str = APPLICATION) -> int:
        """Drop a file and tell what becomes of it; returns an exit code."""
        key = f"{folder}/{name}"
        bucket = self._cloud.outputs["DropBucket"]
        place = f"s3://{bucket}/{folder}/"
        console.print(f"\n[bold]$ aws s3 cp {escape(shlex.quote(name))} {place} --metadata dropped-by=demo[/]")
        where = {"Bucket": bucket, "Key": key}
        where["VersionId"] = self._s3.put_object(**where, Body=content, Metadata={"dropped-by": "demo"})["VersionId"]
        tags = self._followed(where)
        if not tags:
            return STILL_RUNNING
        if tags.get("wardrop-status") == "rejected":
            console.print(f"[red]rejected[/]     {tags['wardrop-reason']}")
            return REJECTED
        return self._follow(tags.get("wardrop-deployment", "none"))

    def approve(self) -> int:
        """What was good in staging waits for a person in production."""
        self.look_at(PROD)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            waiting = [one for one in self._ledger.now(PROD).deployments if one.state is State.AWAITING_APPROVAL]
            if waiting:
                console.print(f"\nNow [bold]{PROD}[/]: {waiting[0].reason}.")
                told = self.ask(command="approve", environment=PROD, label=waiting[0].label)
                console.print(f"answer       {told.get('text') or told.get('reason')}")
                return self._follow(waiting[0].id)
            time.sleep(0.1)
        return STILL_RUNNING

    def clean_up(self) -> int:
        """First what would be done, then it is done."""
        self.configure(f"{CONFIGURATION}\nversions: {KEEP_LITTLE}")
        plan = self.ask(command="clean", dry_run=True)
        decisions = Grid("version", "action", "reason", box=None, pad_edge=False)
        for decision in plan["decisions"]:
            decisions.add_row(decision["label"], decision["action"], decision["reason"])
        console.print(decisions)
        console.print(f"answer       {self.ask(command='clean')['text']}")
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            table = self._cloud.outputs["LedgerTable"]
            items = self._cloud.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
            told = [one["text"]["S"] for one in items if one.get("kind") == {"S": "versions_cleaned"}]
            if told:
                console.print(f"alert        {escape(told[-1])}")
                return 0
            time.sleep(0.1)
        return STILL_RUNNING

    def ask(self, **request: Any) -> dict[str, Any]:
        """As anybody with AWS credentials may, if IAM lets them."""
        url, body = self._cloud.outputs["RunCommandUrl"], json.dumps(request)
        sign = f'curl --aws-sigv4 "aws:amz:{REGION}:lambda" --user test:test'
        console.print(f"[bold]$ {sign} -H 'Content-Type: application/json' -d '{escape(body)}' {url}[/]")
        signed = AWSRequest("POST", url, {"Content-Type": "application/json"}, body.encode())
        SigV4Auth(Credentials("test", "test"), "lambda", REGION).add_auth(signed)
        answer = URLLib3Session().send(signed.prepare())
        told: dict[str, Any] = json.loads(answer.content)
        return told

    def _followed(self, where: dict[str, str]) -> dict[str, str]:
        """The tags that tell the outcome, once they are there."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            tag_set = self._s3.get_object_tagging(**where)["TagSet"]
            tags = {tag["Key"]: tag["Value"] for tag in tag_set}
            if "wardrop-status" in tags:
                return tags
            time.sleep(0.05)
        return {}

    def _follow(self, deployment_id: str) -> int:
        """Every change of the deployment, every event and every instance, as it happens."""
        moments = 0
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            deployment = self._deployment(deployment_id)
            if deployment is None:
                console.print("accepted     there is nothing to deploy")
                return 0
            lines = [(moment.at, _line(moment)) for moment in deployment.history[moments:]]
            for _, line in sorted([*lines, *self._news()], key=lambda told: told[0]):
                console.print(line)
            moments = len(deployment.history)
            if not deployment.is_active:
                return EXIT_CODES.get(deployment.state, 1)
            time.sleep(0.1)
        return STILL_RUNNING

    def _deployment(self, deployment_id: str) -> Deployment | None:
        active = self._ledger.now(self._environment).deployments
        found = (one for one in [*active, *self._ledger.history(self._environment)] if one.id == deployment_id)
        return next(found, None)

    def _news(self) -> Iterator[tuple[datetime, str]]:
        """What Beanstalk has told since the last time, and the fleet if it has changed, each with its time."""
        answer = self._beanstalk.describe_events(EnvironmentName=self._environment, MaxRecords=100)
        for event in reversed(answer["Events"]):
            if (event["EventDate"], event["Message"]) not in self._told:
                self._told.add((event["EventDate"], event["Message"]))
                bad = event["Severity"] in ("WARN", "ERROR")
                yield (
                    event["EventDate"],
                    f"[{'red' if bad else 'dim'}]beanstalk    {escape(event['Message'].strip())}[/]",
                )
        fleet = "   ".join(self._instances())
        if fleet != self._fleet:
            self._fleet = fleet
            yield datetime.now(UTC), f"instances    {fleet}"

    def _instances(self) -> Iterator[str]:
        for instance in self._reports():
            deployed = instance["Deployment"]
            mark = {"Deployed": "●", "In Progress": "◐", "Failed": "✕"}.get(deployed["Status"], "○")
            yield f"{mark} {deployed['VersionLabel']} {instance['HealthStatus']}"

    def _reports(self) -> list[Any]:
        answer = self._beanstalk.describe_instances_health(EnvironmentName=self._environment, AttributeNames=["All"])
        return sorted(answer["InstanceHealthList"], key=lambda instance: instance["InstanceId"])

    def show(self) -> None:
        """What a person would check."""
        environment = self._beanstalk.describe_environments(EnvironmentNames=[self._environment])["Environments"][0]
        console.print(
            f"\n[bold]{self._environment}[/] has [bold]{environment['VersionLabel']}[/], is {environment['Status']} "
            f"and {environment['HealthStatus']}"
        )
        instances = Grid("instance", "version", "deployment", "health", "why", box=None, pad_edge=False)
        for report in self._reports():
            deployed = report["Deployment"]
            why = "; ".join(report["Causes"]) if report["HealthStatus"] not in ("Ok", "Info") else ""
            instances.add_row(
                report["InstanceId"],
                deployed["VersionLabel"],
                deployed["Status"],
                report["HealthStatus"],
                why,
            )
        console.print(instances)
        history = Grid("history", "state", "took", "reason", box=None, pad_edge=False)
        for one in self._ledger.history(self._environment):
            took = (one.history[-1].at - one.history[0].at).total_seconds()
            history.add_row(one.label, one.state, f"{took:.0f} s", one.reason)
        console.print(history)

    def show_slack(self) -> None:
        """The channel, once all that was told has come there: messages as they stand, their threads below them."""
        said: list[dict[str, Any]] = []
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and not (said and self._is_quiet()):
            time.sleep(0.2)
            said = self._cloud.door("GET", "/slack/messages")
        console.print(f"\nSlack's {said[0]['channel']}, as {self._cloud.slack} shows it while this runs:")
        for message in (one for one in said if one["thread_ts"] is None):
            title, *_ = _lines(message)
            console.print(f"[bold]slack[/]        {escape(title)}")
            for line in (line for one in said if one["thread_ts"] == message["ts"] for line in _lines(one)):
                console.print(f"[dim]             ↳ {escape(line)}[/]")

    def _is_quiet(self) -> bool:
        """Nothing is on its way to Slack any more."""
        url = self._cloud.resources["SlackPosts"]["ref"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self._cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return not any(map(int, counts.values()))


def _lines(message: dict[str, Any]) -> list[str]:
    return str(message["text"]).replace("*", "").splitlines()


def _line(moment: Moment) -> str:
    return f"[{STYLES.get(moment.state, 'cyan')}]{moment.state:<12}[/] {escape(moment.reason)}"


def war(*, answers: bool) -> bytes:
    """The example web application; without its pages Tomcat has nothing to answer with."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(WEBAPP.rglob("*")):
            if path.is_file() and (answers or path.suffix != ".jsp"):
                archive.write(path, path.relative_to(WEBAPP))
    return written.getvalue()


def main(arguments: list[str]) -> int:
    name, content = "shop-1.war", war(answers=True)
    if arguments:
        path = Path(arguments[0])
        try:
            name, content = path.name, path.read_bytes()
        except OSError as error:
            print(f"WAR={path}: {error.strerror}", file=sys.stderr)
            return 2
    console.print("Starting AWS's stand-in on this machine ...", style="dim")
    started = datetime.now(UTC)
    with Cloud(speed=60) as cloud:
        console.print(f"It answers at {cloud.endpoint}; Beanstalk runs 60 times faster here.", style="dim")
        console.print(f"What Slack is told: {cloud.slack}", style="dim")
        demo = Demo(cloud)
        demo.show()
        demo.configure()
        demo.look_at(STAGING)
        if code := demo.drop(name, content) or demo.approve():
            return code
        demo.show()
        console.print("\nAnd now one that cannot answer: its pages are missing.")
        demo.look_at(STAGING)
        if demo.drop("shop-2.war", war(answers=False), f"{APPLICATION}/{STAGING}") != EXIT_CODES[State.ROLLED_BACK]:
            return 1
        demo.show()
        demo.show_slack()
        console.print("\nAnd at last what nobody needs is cleaned up; every rule that can be turned off is.")
        if code := demo.clean_up():
            return code
    took = (datetime.now(UTC) - started).total_seconds()
    console.print(f"\nThat took {took:.0f} s. `make local` keeps one running; docs/stand-in.md shows how to use it.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
