"""Measures the time from Beanstalk's event about the end of an update until the ledger records the end."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from bench.calls import war
from bench.figure import Figure, of_runs
from local.cloud import Cloud
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State

SPEED = 6
"""At this speed, the schedule runs every ten seconds, so it seldom runs before the event arrives."""

ENVIRONMENTS, ROUNDS, PATIENCE_SECONDS = 8, 3, 180
UPDATE_ENDED = "Environment update completed successfully."
OPTIONS = [
    ("aws:elasticbeanstalk:environment", "EnvironmentType", "SingleInstance"),
    ("aws:elasticbeanstalk:command", "DeploymentPolicy", "AllAtOnce"),
]


def figures() -> Iterator[Figure]:
    with Cloud(speed=SPEED) as cloud:
        names = [f"detection-{number}" for number in range(ENVIRONMENTS)]
        create(cloud, names)
        entries = ", ".join(f"{{name: {name}, bake: 0s, approval: none}}" for name in names)
        document = f"environments: [{entries}]"
        cloud.client("ssm").put_parameter(Name="/wardrop/applications/shop", Value=document, Type="String")
        delays = [delay for number in range(ROUNDS) for delay in _deploy_to_all(cloud, names, number)]
    note = f"from Beanstalk's event to the ledger; the schedule runs every {60 // SPEED} s here, on AWS every 60 s"
    yield of_runs("detection of an update's end, after its event", delays, 3, "s", note)


def create(cloud: Cloud, names: list[str]) -> None:
    api = cloud.client("elasticbeanstalk")
    stack = api.describe_environments(EnvironmentNames=["shop-staging"])["Environments"][0]["SolutionStackName"]
    for name in names:
        api.create_environment(
            ApplicationName="shop",
            EnvironmentName=name,
            SolutionStackName=stack,
            VersionLabel="shop-0",
            OptionSettings=[
                {"Namespace": namespace, "OptionName": option, "Value": value} for namespace, option, value in OPTIONS
            ],
        )

    def are_ready() -> bool:
        environments = api.describe_environments(EnvironmentNames=names)["Environments"]
        return all(environment["Status"] == "Ready" for environment in environments)

    cloud.eventually(are_ready, PATIENCE_SECONDS)


def _has_ended(ledger: Ledger, name: str, round_number: int) -> bool:
    return len(ledger.environments.history(name)) > round_number


def _deploy_to_all(cloud: Cloud, names: list[str], round_number: int) -> Iterator[float]:
    """Deploys a version to each environment. Returns the delay in each environment, in seconds."""
    s3, api = cloud.client("s3"), cloud.client("elasticbeanstalk")
    ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
    for number, name in enumerate(names):
        key = f"shop/{name}/shop-{round_number}{number}.war"
        s3.put_object(Bucket=cloud.outputs["DropBucket"], Key=key, Body=war(1000 + 100 * round_number + number))
    for name in names:
        cloud.eventually(partial(_has_ended, ledger, name, round_number), PATIENCE_SECONDS)
        events = api.describe_events(EnvironmentName=name)["Events"]
        updated_at = next(event["EventDate"] for event in events if event["Message"] == UPDATE_ENDED)
        yield (_succeeded_at(ledger.environments.history(name)[0]) - updated_at).total_seconds()


def _succeeded_at(deployment: Deployment) -> datetime:
    if deployment.state is not State.SUCCEEDED:
        raise RuntimeError(f"{deployment.label} is {deployment.state}: {deployment.reason}")
    return deployment.history[-1].at
