"""Promotion: the deployments to the next stage, field by field."""

from dataclasses import replace

from tests.unit.samples import NEW, NOW, OLD, good, queued, release, seconds, standing
from wardrop.configuration.rules import Rules
from wardrop.deployments.deployment import Deployment, Joined
from wardrop.deployments.history import Moment
from wardrop.deployments.promotion import NextStage, not_promoted, not_promoted_yet, promotions
from wardrop.deployments.standing import Hold
from wardrop.deployments.state import State
from wardrop.environments.origin import Origin

PROVEN = queued(
    promotes=True, stage=["shop-staging", "shop-worker"], dropped_by="jane", origin=Origin(commit="abc"), asked=None
)
NEXT = NextStage({"shop-prod": Rules(), "shop-jobs": Rules(approval_required=True)}, [])
ANYWAY = "to deploy it anyway: wardrop deploy shop-prod shop-2.0 and wardrop deploy shop-jobs shop-2.0"
HELD = Hold(by="jane", at=NOW, because="the database is migrated", label=OLD)


def test_a_promotion_is_a_deployment_of_the_same_version_that_is_promoted_further():
    now = NOW + seconds(60)
    web, jobs = promotions(PROVEN, NEXT, now)
    reason = f"{NEW} is good in shop-staging and shop-worker, and is promoted"
    assert web == Deployment(
        id=web.id,
        application="shop",
        environment="shop-prod",
        label=NEW,
        state=State.QUEUED,
        reason=reason,
        arrival=PROVEN.arrival,
        drop=PROVEN.drop,
        dropped_by="jane",
        origin=Origin(commit="abc"),
        release=release(),
        rules=Rules(),
        promotes=True,
        stage=["shop-prod", "shop-jobs"],
        history=[Moment(now, State.QUEUED, reason)],
    )
    assert (jobs.environment, jobs.rules) == ("shop-jobs", Rules(approval_required=True))


def test_a_promotion_keeps_the_drops_that_joined_the_deployment():
    asked = queued(drop=None).joined_by(Joined(drop="s3://drops/shop/shop-2.0.war#v7", at=NOW), PROVEN.arrival)
    [web, jobs] = promotions(asked, NEXT, NOW)
    assert web.drops == jobs.drops == {"s3://drops/shop/shop-2.0.war#v7"}


def test_the_ids_of_promotions_differ_by_deployment_and_by_environment():
    of_another = promotions(queued("d-2", promotes=True, stage=["shop-staging"]), NEXT, NOW)
    ids = {promoted.id for promoted in [*promotions(PROVEN, NEXT, NOW), *of_another]}
    assert len(ids) == 4


def test_a_peer_that_is_held_or_has_a_newer_good_version_prevents_the_promotion():
    good_peer = standing(good(NEW), good(OLD))
    assert len(promotions(PROVEN, replace(NEXT, peers=[good_peer]), NOW)) == 2
    for peer in (standing(), standing(good(OLD), good(NEW)), good_peer.held(HELD)):
        assert promotions(PROVEN, replace(NEXT, peers=[good_peer, peer]), NOW) == []


def test_the_reason_for_no_promotion_names_the_peers_that_prevent_it():
    good_peer = standing(good(NEW), environment="shop-worker")
    reached = replace(NEXT, peers=[good_peer])
    assert not_promoted_yet(PROVEN, reached) is None
    others = [standing(environment=name) for name in ("shop-jobs", "shop-mail")]
    assert not_promoted_yet(PROVEN, replace(NEXT, peers=[good_peer, *others])) == (
        f"the version is not promoted, because it is not the newest good version of shop-jobs; {ANYWAY}"
    )
    held = replace(NEXT, peers=[good_peer.held(HELD), *others])
    assert not_promoted_yet(PROVEN, held) == (
        f"the version is not promoted, because shop-worker is held: the database is migrated; {ANYWAY}"
    )
    pending = replace(held, pending={"shop-jobs", "shop-mail", "shop-worker"})
    assert not_promoted_yet(PROVEN, pending) == (
        "the version is promoted when it is also good in shop-worker and shop-jobs and shop-mail"
    )
    assert not_promoted_yet(PROVEN, replace(held, pending={"shop-worker"})) == (
        f"the version is not promoted, because it is not the newest good version of shop-jobs; {ANYWAY}"
    )


def test_only_the_environments_without_the_version_are_named():
    held = replace(NEXT, peers=[standing(good(NEW), environment="shop-worker").held(HELD)], reached={"shop-prod"})
    reason = not_promoted_yet(PROVEN, held)
    assert reason is not None
    assert reason.endswith("to deploy it anyway: wardrop deploy shop-jobs shop-2.0")
    assert not_promoted_yet(PROVEN, replace(held, reached={"shop-prod", "shop-jobs"})) is None


def test_a_version_with_the_same_bundle_is_the_same_version():
    same, other = good("rel-1", release=release()), good("rel-1", release=release(sha256="b" * 64))
    assert len(promotions(PROVEN, replace(NEXT, peers=[standing(same)]), NOW)) == 2
    for unlike in (other, good("rel-1", release=None)):
        assert promotions(PROVEN, replace(NEXT, peers=[standing(unlike)]), NOW) == []
    foreign = queued(promotes=True, release=None)
    assert promotions(foreign, replace(NEXT, peers=[standing(same)]), NOW) == []


def test_the_reason_for_no_promotion_names_the_hold():
    held = standing().held(HELD)
    assert not_promoted(PROVEN, held) == (
        "the version is not promoted, because shop-staging is held: the database is migrated"
    )
    assert not_promoted(PROVEN, standing()) is None
    assert not_promoted(queued(promotes=False), held) is None
