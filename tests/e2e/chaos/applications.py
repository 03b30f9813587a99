"""The applications whose environments receive drops."""

from dataclasses import dataclass, field

from local.beanstalk.seed import sound_war
from tests.integration.shop import COMMAND, Shop

ASG, ENVIRONMENT, HEALTH = (
    "aws:autoscaling:asg",
    "aws:elasticbeanstalk:environment",
    "aws:elasticbeanstalk:healthreporting:system",
)
ROLLING = {(COMMAND, "DeploymentPolicy"): "Rolling", (COMMAND, "BatchSizeType"): "Fixed", (COMMAND, "BatchSize"): "1"}
SINGLE = {(ENVIRONMENT, "EnvironmentType"): "SingleInstance"}
WORKER = {"Name": "Worker", "Type": "SQS/HTTP"}


def policy(name: str) -> dict[tuple[str, str], str]:
    return {(COMMAND, "DeploymentPolicy"): name}


@dataclass(frozen=True)
class Environment:
    """An environment to create."""

    name: str
    instances: int
    options: dict[tuple[str, str], str] = field(default_factory=dict)
    tier: dict[str, str] | None = None


@dataclass(frozen=True)
class Application:
    name: str
    environments: list[Environment]
    stages: list[str]
    """The entries of its configuration."""

    targets: list[str]
    """The folders of the drop bucket that versions are dropped into."""


RULES = "bake: 1s, bad_for: 1s, approval: none"
SHOP = Application("shop", [], [f"{{name: shop-staging, {RULES}}}", f"{{name: shop-prod, {RULES}}}"], ["shop"])
MALL = Application(
    "mall",
    [
        Environment("mall-web", 2, ROLLING),
        Environment("mall-worker", 1, SINGLE, WORKER),
        Environment("mall-prod", 3, ROLLING),
    ],
    [f"[{{name: mall-web, {RULES}}}, {{name: mall-worker, {RULES}}}]", f"{{name: mall-prod, {RULES}}}"],
    ["mall"],
)
CAFE = Application(
    "cafe",
    [
        Environment("cafe-one", 2),
        Environment("cafe-two", 2, policy("Immutable")),
    ],  # the policy of cafe-one is AllAtOnce
    [f"{{name: cafe-one, {RULES}}}", f"{{name: cafe-two, {RULES}}}"],
    ["cafe/cafe-one", "cafe/cafe-two"],
)
DOCS = Application(
    "docs",
    [
        Environment("docs-added", 2, ROLLING | policy("RollingWithAdditionalBatch")),
        Environment("docs-basic", 2, ROLLING | {(HEALTH, "SystemType"): "basic"}),
        Environment("docs-alone", 1, SINGLE),
    ],
    [f"{{name: {name}, {RULES}}}" for name in ("docs-added", "docs-basic", "docs-alone")],
    ["docs/docs-added", "docs/docs-basic", "docs/docs-alone"],
)
JOBS = Application(
    "jobs",
    [Environment("jobs-held", 2, ROLLING), Environment("jobs-other", 1, ROLLING)],
    [f"{{name: jobs-held, on_failure: hold, {RULES}}}", f"{{name: jobs-other, {RULES}}}"],
    ["jobs/jobs-held", "jobs/jobs-other"],
)

EVERY = [SHOP, MALL, CAFE, DOCS, JOBS]


def create(shop: Shop, application: Application) -> None:
    shop.configure(application.name, "environments:\n" + "\n".join(f"  - {stage}" for stage in application.stages))
    if not application.environments:
        return
    first = f"{application.name}-0"
    shop.beanstalk.create_application(ApplicationName=application.name)
    bundle = {"Bucket": shop.releases, "Key": f"theirs/{first}.war", "Body": sound_war(application.name)}
    shop.s3.put_object(**bundle, IfNoneMatch="*")
    shop.beanstalk.create_application_version(
        ApplicationName=application.name,
        VersionLabel=first,
        SourceBundle={"S3Bucket": shop.releases, "S3Key": f"theirs/{first}.war"},
    )
    for environment in application.environments:
        size = {(ASG, name): str(environment.instances) for name in ("MinSize", "MaxSize")}
        shop.beanstalk.create_environment(
            ApplicationName=application.name,
            EnvironmentName=environment.name,
            SolutionStackName=shop.environment("shop-staging")["SolutionStackName"],
            VersionLabel=first,
            OptionSettings=[
                {"Namespace": namespace, "OptionName": name, "Value": value}
                for (namespace, name), value in (size | environment.options).items()
            ],
            **({"Tier": environment.tier} if environment.tier else {}),
        )
