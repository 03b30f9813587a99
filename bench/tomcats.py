"""Measures rolling deployments to real Tomcats that receive requests.

Also deploys broken WARs, and checks that an alert names the cause of each failure.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

from bench.figure import Figure, of_runs
from local.cloud import Cloud
from tests.integration.shop import APPLICATION, COMMAND, PROD, STAGING, Shop
from tests.tomcats import broken, wars
from tests.tomcats.broken import Broken
from tests.tomcats.fleet import address, await_ended, await_healthy, resident_mb, tomcats
from tests.tomcats.load import Answers, Load, total
from wardrop.deployments.state import State

SPEED = 120
REQUESTS = 400_000
PAUSE_MS = 5
AROUND_SECONDS = 10
"""Before the first version and after the last one, requests are sent for this time."""

BROKEN = ("broken-1", "broken-2", STAGING)
PATIENCE_SECONDS = 180
MOST_SHOWN = 600
MOST_UNNAMED = 0

EXPLAINING = ("deployment_explained", "deployment_not_explained")
OPTIONS = [
    ("aws:elasticbeanstalk:environment", "EnvironmentType", "LoadBalanced"),
    ("aws:autoscaling:asg", "MinSize", "1"),
    (COMMAND, "DeploymentPolicy", "Rolling"),
    (COMMAND, "BatchSizeType", "Fixed"),
    (COMMAND, "BatchSize", "1"),
]


def figures() -> Iterator[Figure]:
    with Cloud(speed=SPEED, fleet="tomcat") as cloud:
        yield Figure("a stand-in with 4 Tomcats: ready", cloud.ready_seconds, 15, "s")
        shop = Shop(cloud)
        shop.configure(APPLICATION, _configuration([PROD]))
        await_healthy(shop, PROD, PATIENCE_SECONDS)
        yield of_runs("  memory of a Tomcat", map(resident_mb, tomcats(shop, PROD).values()), 130, "MB")
        yield from _rolling(shop)
        yield from _broken(shop)


def _configuration(environments: Sequence[str]) -> str:
    entries = [f"{{name: {name}, bake: 0s, approval: none, guard: off}}" for name in environments]
    return f"environments: [{', '.join(entries)}]"


def _rolling(shop: Shop) -> Iterator[Figure]:
    before, seconds, during = _undisturbed(shop), list[float](), list[Answers]()
    while total(during)[0] < REQUESTS:
        took, answers = _roll(shop, len(during))
        seconds.append(took)
        during.append(answers)
    yield of_runs("a rolling deployment to 3 Tomcats, from the drop until it has succeeded", seconds, 25, "s")
    for when, measured in (("before", [before]), ("during", during), ("after", [_undisturbed(shop)])):
        yield Figure(f"  failed requests {when} the rolls", total(measured)[1], 0, "", note=_speed(measured))


def _undisturbed(shop: Shop) -> Answers:
    with Load(address(shop, PROD), pause_ms=PAUSE_MS) as load:
        time.sleep(AROUND_SECONDS)
    return load.answers


def _roll(shop: Shop, number: int) -> tuple[float, Answers]:
    began = time.perf_counter()
    with Load(address(shop, PROD), pause_ms=PAUSE_MS) as load:
        dropped = shop.drop(f"shop/{PROD}/sample-{number}.war", wars.sample(f"sample {number}"))
        deployment = await_ended(shop, PROD, dropped, PATIENCE_SECONDS)
    if deployment.state is not State.SUCCEEDED:
        raise RuntimeError(f"{deployment.label} is {deployment.state}: {deployment.reason}")
    return time.perf_counter() - began, load.answers


def _speed(measured: Sequence[Answers]) -> str:
    requests, lasted = total(measured)[0], sum(each.seconds for each in measured)
    p50, p99 = (max(each.p50 for each in measured), max(each.p99 for each in measured))
    return f"{requests:,} requests, {requests / lasted:,.0f} a second; p50 {p50:.1f} ms, p99 {p99:.0f} ms"


def _broken(shop: Shop) -> Iterator[Figure]:
    """Deploys the broken WARs to several environments at the same time, because a deployment mostly waits."""
    _create(shop, [name for name in BROKEN if name != STAGING])
    shop.configure(APPLICATION, _configuration(BROKEN))
    left, began = SimpleQueue[tuple[int, Broken]](), time.perf_counter()
    for number, each in enumerate(broken.ALL):
        left.put((number, each))
    with ThreadPoolExecutor(len(BROKEN)) as pool:
        unnamed = [text for texts in pool.map(lambda name: _deploy_all(shop, name, left), BROKEN) for text in texts]
    seconds = (time.perf_counter() - began) / len(broken.ALL)
    note = f"{seconds:.0f} s for each" + "".join(f"\n{text}" for text in unnamed)
    yield Figure(
        f"of {len(broken.ALL)} broken WARs: those for which no alert names the cause",
        len(unnamed),
        MOST_UNNAMED,
        "",
        note=note,
    )


def _create(shop: Shop, names: Sequence[str]) -> None:
    stack = shop.environment(STAGING)["SolutionStackName"]
    options = [dict(zip(("Namespace", "OptionName", "Value"), option, strict=True)) for option in OPTIONS]
    for name in names:
        shop.beanstalk.create_environment(
            ApplicationName=APPLICATION,
            EnvironmentName=name,
            SolutionStackName=stack,
            VersionLabel="shop-0",
            OptionSettings=options,
        )
    for name in names:
        await_healthy(shop, name, PATIENCE_SECONDS)


def _deploy_all(shop: Shop, environment: str, left: "SimpleQueue[tuple[int, Broken]]") -> list[str]:
    """Deploys WARs until none is left.

    Returns those for which no alert names the cause, with the text of the alerts.
    """
    unnamed: list[str] = []
    while True:
        try:
            number, each = left.get_nowait()
        except Empty:
            return unnamed
        text = _alerts(shop, environment, number, each)
        if not all(part in text for part in each.cause):
            unnamed.append(f"{each.name}: {text[:MOST_SHOWN]}")


def _alerts(shop: Shop, environment: str, number: int, each: Broken) -> str:
    """Deploys a broken WAR, and returns the text of the alerts about it.

    If the first alert does not name the cause, a later alert may name it.
    """
    dropped = shop.drop(f"shop/{environment}/broken-{number}.war", each.make())
    deployment = await_ended(shop, environment, dropped, PATIENCE_SECONDS)
    if deployment.state is not State.ROLLED_BACK:
        return f"{deployment.state}: {deployment.reason}"
    if "Wardrop has requested the logs of the instances" in deployment.reason:
        shop.cloud.eventually(
            lambda: any(shop.alerts(deployment=deployment.id, kind=kind) for kind in EXPLAINING), PATIENCE_SECONDS
        )
    return "\n".join(_texts(shop.alerts(deployment=deployment.id)))


def _texts(value: object) -> list[str]:
    """Returns all strings in an item."""
    if isinstance(value, dict | list):
        return [text for each in (value.values() if isinstance(value, dict) else value) for text in _texts(each)]
    return [str(value)]
