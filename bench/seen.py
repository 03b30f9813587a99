"""How soon the end of an update is seen, after the event that tells it."""

from collections.abc import Iterator
from datetime import datetime

from bench.calls import war
from bench.figure import Figure, of_runs
from local.cloud import Cloud
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State

SPEED = 6
"""So slow that the tick, every ten seconds here, seldom comes before the event."""

ENVIRONMENTS, ROUNDS, PATIENCE_SECONDS = 8, 3, 180
ENDED = "Environment update completed successfully."
OPTIONS = [
    ("aws:elasticbeanstalk:environment", "EnvironmentType", "SingleInstance"),
    ("aws:elasticbeanstalk:command", "DeploymentPolicy", "AllAtOnce"),
]


def figures() -> Iterator[Figure]:
    with Cloud(speed=SPEED) as cloud:
        names = [f"seen-{number}" for number in range(ENVIRONMENTS)]
        _create(cloud, names)
        entries = ", ".join(f"{{name: {name}, bake: 0s, approval: none}}" for name in names)
        document = f"environments: [{entries}]"
        cloud.client("ssm").put_parameter(Name="/wardrop/applications/shop", Value=document, Type="String")
        waits = [wait for number in range(ROUNDS) for wait in _round(cloud, names, number)]
    note = f"from Beanstalk's event to the ledger; ticks come every {60 // SPEED} s here, on AWS every 60 s"
    yield of_runs("end of an update seen, after its event", waits, 3, "s", note)


def _create(cloud: Cloud, names: list[str]) -> None:
    api = cloud.client("elasticbeanstalk")
    stack = api.describe_environments(EnvironmentNames=["shop-staging"])["Environments"][0]["SolutionStackName"]
    for name in names:
        api.create_environment(
            ApplicationName="shop",
            EnvironmentName=name,
            SolutionStackName=stack,
            VersionLabel="shop-0",
            OptionSettings=[
                {"Namespace": space, "OptionName": option, "Value": value} for space, option, value in OPTIONS
            ],
        )

    def ready() -> bool:
        found = api.describe_environments(EnvironmentNames=names)["Environments"]
        return all(one["Status"] == "Ready" for one in found)

    cloud.eventually(ready, PATIENCE_SECONDS)


def _round(cloud: Cloud, names: list[str], number: int) -> Iterator[float]:
    s3, api = cloud.client("s3"), cloud.client("elasticbeanstalk")
    ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
    for place, name in enumerate(names):
        key = f"shop/{name}/shop-{number}{place}.war"
        s3.put_object(Bucket=cloud.outputs["DropBucket"], Key=key, Body=war(1000 + 100 * number + place))
    for name in names:
        cloud.eventually(lambda name=name: len(ledger.environments.history(name)) > number, PATIENCE_SECONDS)
        events = api.describe_events(EnvironmentName=name)["Events"]
        told = next(event["EventDate"] for event in events if event["Message"] == ENDED)
        yield (_succeeded(ledger.environments.history(name)[0]) - told).total_seconds()


def _succeeded(deployment: Deployment) -> datetime:
    if deployment.state is not State.SUCCEEDED:
        raise RuntimeError(f"{deployment.label} is {deployment.state}: {deployment.reason}")
    return deployment.history[-1].at
