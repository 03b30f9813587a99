"""`make witness` on the stand-in: every scenario, and the comparison with the recordings."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cloud import Cloud
from tests.e2e.witness_runs import ledger_of, left, made, start
from tests.witness import report
from tests.witness.beliefs import Verdict, beliefs, judge
from tests.witness.recording import read
from tests.witness.scenario import scenarios

pytestmark = pytest.mark.real
SPEED = 20
"""Slow enough that a busy machine does not miss health that changes for a minute of AWS's time."""


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud(speed=SPEED) as running:
        yield running


def test_the_stand_in_confirms_every_belief_as_in_the_recordings(cloud: Cloud, tmp_path: Path) -> None:
    with start(cloud, SPEED, "--into", str(tmp_path)) as run:
        ledger, _ = ledger_of(run)
        tags = cloud.eventually(lambda: made(cloud) and tags_of(cloud), 120)
        output = run.stdout.read() if run.stdout else ""
    assert run.returncode == 0, output
    assert all("wardrop-witness" in each for each in tags)
    assert not ledger.exists()
    assert left(cloud) == []
    observed = read(tmp_path)
    assert set(observed) == set(scenarios())
    verdicts = {belief.name: judge(belief, observed).verdict for belief in beliefs()}
    assert set(verdicts.values()) == {Verdict.CONFIRMED}, output
    assert report.shapes(observed, read(report.RECORDINGS / "stand-in")) == []


def tags_of(cloud: Cloud) -> list[list[str]]:
    """The keys of the tags of the environments of a run."""
    beanstalk = cloud.client("elasticbeanstalk")
    listed = beanstalk.describe_environments(IncludeDeleted=False)["Environments"]
    arns = [each["EnvironmentArn"] for each in listed if each["EnvironmentName"].startswith("wardrop-witness")]
    answers = [beanstalk.list_tags_for_resource(ResourceArn=arn)["ResourceTags"] for arn in arns]
    return [[tag["Key"] for tag in tags] for tags in answers]
