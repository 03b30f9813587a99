"""Drops on the stand-in, from the upload to a version and a deployment, through S3, EventBridge and the functions."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from tests.bundles.every import every_bundle
from tests.bundles.zip_bytes import entry, zipped
from tests.integration.conftest import KEYS
from tests.integration.shop import APPLICATION, PROD, STAGING, UNBAKED, Shop, archive
from wardrop.configuration.parameter import parameter_name
from wardrop.deployments.state import State

WEB_XML = "WEB-INF/web.xml"
S3_TAG_ALPHABET = re.compile(r"[A-Za-z0-9 +\-=._:/@]{1,256}")


SOUND = sound_war("a sound one")
DOTTED = {"./ROOT.war": sound_war("in a zip"), "./.ebextensions/a.config": "option_settings: []\n"}
OF_WINDOWS = next(bundle.content for bundle in every_bundle() if bundle.file == "java-backslashes-1.war")
REJECTED: dict[str, tuple[str, bytes, str]] = {
    "by its key": ("shop/shop-staging/july/x-1.war", SOUND, "<application>/<environment>/<file>"),
    "by its environment": (
        "shop/no-such-env/x-1.war",
        SOUND,
        "application shop has no environment no-such-env; it has shop-prod, shop-staging",
    ),
    "by its names": (
        "shop/shop-staging/windows-1.war",
        OF_WINDOWS,
        "windows-1.war has an entry whose path contains backslashes",
    ),
    "by its content": ("shop/shop-staging/short-1.war", SOUND[: len(SOUND) // 2], "was the upload complete?"),
}
"""One drop for each part of a drop that can cause a rejection. The unit tests have every reason."""


@pytest.mark.parametrize("case", REJECTED)
def test_a_rejected_drop_has_its_reason_in_tags_ledger_alert_and_log_and_stays_in_the_bucket(
    shop: Shop, case: str
) -> None:
    key, body, reason = REJECTED[case]
    dropped = shop.drop(key, body, tags="team=web")
    outcome = shop.outcome(dropped)
    assert outcome == {"status": "rejected", "version": "none", "deployment": "none", "reason": outcome["reason"]}
    assert S3_TAG_ALPHABET.fullmatch(outcome["reason"])
    assert _letters(reason) in _letters(outcome["reason"])
    assert shop.tags(dropped)["team"] == "web"
    receipt = shop.receipt(dropped)
    assert (receipt.status, receipt.label, receipt.deployments) == ("rejected", None, [])
    assert reason in receipt.reason
    [alert] = shop.alerts(alert_id=f"{dropped.id}/drop_rejected")
    assert (alert["severity"], alert["text"]) == ("error", f"{key}: {receipt.reason}")
    shop.cloud.eventually(lambda: [line for line in shop.log("ReceiveDrop") if line.get("drop") == dropped.id])
    assert receipt.reason in [line["message"] for line in shop.log("ReceiveDrop") if line.get("drop") == dropped.id]
    assert shop.s3.get_object(**dropped.location)["Body"].read() == body


def _letters(text: str) -> str:
    """The letters and digits of a text. A tag cannot contain some of the other characters."""
    return re.sub(r"[^A-Za-z0-9]", "", text)


def test_a_bundle_of_600_mb_is_rejected_before_it_is_read(shop: Shop) -> None:
    """Wardrop reads the size from the event. So the test changes the event, and does not upload 600 MB."""
    with shop.without_s3_events():
        dropped = shop.drop("shop/shop-staging/huge-1.war")
    shop.put_event(dropped.event(size=600 * 2**20))
    assert shop.outcome(dropped)["reason"].startswith("the file has 600 MB but Beanstalk accepts")
    assert "source bundles of up to 500 MB" in shop.receipt(dropped).reason


@pytest.fixture
def versions_only(shop: Shop) -> None:
    """The application has no configuration, so a drop to it becomes a version that is not deployed."""
    shop.remove_configuration(APPLICATION)


def test_a_zip_with_root_war_and_ebextensions_goes_live_although_its_names_begin_with_a_dot(shop: Shop) -> None:
    dropped = shop.drop("shop/shop-staging/bundle-1.zip", archive(dict(DOTTED)))
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED
    assert shop.instances(STAGING) == ["bundle-1", "bundle-1"]


@pytest.mark.usefixtures("versions_only")
def test_a_good_drop_is_received_beside_ten_hostile_ones(shop: Shop) -> None:
    """Each hostile bundle has 50,000 entries, and more YAML than an inspection reads."""
    entries = [entry(f"WEB-INF/{number:x}", b"") for number in range(50_000)]
    files = [entry(f".ebextensions/{number}.config", b"a: [" + b"a," * 2_000 + b"]") for number in range(50)]
    hostile = zipped([*entries, *files], zip64=True)
    with ThreadPoolExecutor(10) as pool:
        dropped = list(pool.map(lambda number: shop.drop(f"shop/hostile-{number}.war", hostile), range(10)))
    good = shop.outcome(shop.drop("shop/beside-hostile-1.war"))
    assert good["status"] == "accepted"
    assert {shop.outcome(drop)["status"] for drop in dropped} == {"accepted"}


@pytest.mark.usefixtures("versions_only")
def test_a_jar_becomes_a_version(shop: Shop) -> None:
    body = archive({"META-INF/MANIFEST.MF": "Main-Class: Shop\n", "Shop.class": b"\xca\xfe\xba\xbe"})
    outcome = shop.outcome(shop.drop("shop/server-1.jar", body))
    assert (outcome["status"], outcome["version"]) == ("accepted", "server-1")
    assert set(shop.versions("server-1")) == {"server-1"}


@pytest.mark.usefixtures("versions_only")
def test_a_key_that_ends_in_a_slash_is_not_a_drop(shop: Shop) -> None:
    folder = shop.drop("shop/shop-staging/", b"")
    shop.outcome(shop.drop("shop/after-the-folder-1.war"))
    shop.settle()
    assert shop.ledger.receipts.find(folder.id) is None
    assert shop.tags(folder) == {}


@pytest.mark.usefixtures("versions_only")
@pytest.mark.parametrize(
    ("file", "label"), [("odd 1+2", "odd-1-2"), ("odd%2F3 %20", "odd-2F3-20"), ("odd상점4", "odd-4")]
)
def test_a_key_is_not_decoded_and_its_label_is_safe(shop: Shop, file: str, label: str) -> None:
    assert shop.outcome(shop.drop(f"shop/{file}.war"))["version"] == label
    assert set(shop.versions(label)) == {label}


def test_a_key_with_plus_space_percent_and_korean_goes_live(shop: Shop) -> None:
    dropped = shop.drop("shop/shop-staging/odd+5 6%2F 상점.war")
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED
    assert shop.environment(STAGING)["VersionLabel"] == "odd-5-6-2F"


@pytest.mark.usefixtures("versions_only")
def test_the_release_bucket_has_a_copy_of_the_bundle_under_another_key(shop: Shop) -> None:
    body = sound_war("kept")
    shop.outcome(shop.drop("shop/kept-1.war", body, dropped_by="jenkins"))
    version = shop.versions("kept-1")["kept-1"]
    source = version["SourceBundle"]
    assert source["S3Bucket"] == shop.releases
    stored = shop.s3.get_object(Bucket=shop.releases, Key=source["S3Key"])
    assert (stored["Body"].read(), stored["SSEKMSKeyId"]) == (body, KEYS["ReleaseKeyArn"])
    assert version["Status"] == "UNPROCESSED"
    assert re.fullmatch(
        r"shop/kept-1\.war, dropped \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, by jenkins as stated", version["Description"]
    )


def test_the_label_and_who_dropped_it_can_be_stated_in_metadata(shop: Shop) -> None:
    dropped = shop.drop("shop/shop-staging/build.war", version_label="release 7/42", dropped_by="jenkins")
    deployment = shop.await_end(STAGING, dropped)
    assert (deployment.label, deployment.dropped_by) == ("release-7-42", "jenkins")
    assert deployment.history[0].reason.endswith("by jenkins as stated")


@pytest.mark.usefixtures("versions_only")
def test_a_name_without_a_version_gets_the_version_of_the_manifest(shop: Shop) -> None:
    body = archive({"META-INF/MANIFEST.MF": "Implementation-Version: 7.1\n", WEB_XML: "x", "index.html": "7.1"})
    assert shop.outcome(shop.drop("shop/manifest.war", body))["version"] == "manifest-7.1"


@pytest.mark.usefixtures("versions_only")
def test_a_name_without_a_version_and_the_name_of_a_snapshot_get_a_part_of_the_content_hash(shop: Shop) -> None:
    for name in ("nameless", "some-1-SNAPSHOT"):
        outcome = shop.outcome(shop.drop(f"shop/{name}.war"))
        assert re.fullmatch(rf"{name}-[0-9a-f]{{8}}", outcome["version"])


@pytest.mark.usefixtures("versions_only")
def test_other_content_with_the_same_name_becomes_another_version(shop: Shop) -> None:
    first = shop.outcome(shop.drop("shop/taken-1.war", sound_war("one")))
    second = shop.outcome(shop.drop("shop/taken-1.war", sound_war("two")))
    again = shop.outcome(shop.drop("shop/taken-1.war", sound_war("two")))
    assert first["version"] == "taken-1"
    assert re.fullmatch(r"taken-1-[0-9a-f]{8}", second["version"])
    assert again["version"] == second["version"]
    assert set(shop.versions("taken-1")) == {"taken-1", second["version"]}


def test_a_version_that_wardrop_did_not_make_keeps_its_label(shop: Shop) -> None:
    shop.make_version("foreign-1", sound_war("theirs"))
    dropped = shop.drop("shop/shop-staging/foreign-1.war")
    deployment = shop.await_end(STAGING, dropped)
    assert deployment.state is State.SUCCEEDED
    assert re.fullmatch(r"foreign-1-[0-9a-f]{8}", deployment.label)
    assert shop.versions("foreign-1")["foreign-1"]["SourceBundle"]["S3Key"] == "theirs/foreign-1.war"


@pytest.mark.usefixtures("versions_only")
def test_two_simultaneous_drops_with_the_same_label_get_different_labels(shop: Shop) -> None:
    outcomes = _at_once(shop, {"shop/a.war": "one twin", "shop/b.war": "the other twin"}, version_label="twin-1")
    labels = sorted(outcome["version"] for outcome in outcomes)
    assert labels[0] == "twin-1"
    assert re.fullmatch(r"twin-1-[0-9a-f]{8}", labels[1])
    assert set(shop.versions("twin-1")) == set(labels)


@pytest.mark.usefixtures("versions_only")
def test_two_simultaneous_drops_of_the_same_content_are_one_version(shop: Shop) -> None:
    outcomes = _at_once(shop, {"shop/same-1.war": "same", "shop/same-2.war": "same"})
    [label] = {outcome["version"] for outcome in outcomes}
    assert set(shop.versions("same-")) == {label}


def _at_once(shop: Shop, texts: dict[str, str], **metadata: str) -> list[dict[str, str]]:
    with ThreadPoolExecutor() as pool:
        dropped = list(pool.map(lambda key: shop.drop(key, sound_war(texts[key]), **metadata), texts))
    return [shop.outcome(drop) for drop in dropped]


@pytest.mark.usefixtures("versions_only")
def test_an_overwritten_key_is_two_drops_and_each_object_version_has_its_own_tags(shop: Shop) -> None:
    first = shop.drop("shop/over-1.war", b"not a zip")
    second = shop.drop("shop/over-1.war")
    assert shop.outcome(first)["status"] == "rejected"
    assert shop.outcome(second)["status"] == "accepted"


def test_a_drop_that_is_deleted_before_it_is_read_is_rejected(shop: Shop) -> None:
    with shop.without_s3_events():
        dropped = shop.drop("shop/shop-staging/gone-1.war")
        shop.s3.delete_object(**dropped.location)
    shop.put_event(dropped.event())
    assert shop.receipt(dropped).reason == "shop/shop-staging/gone-1.war was deleted before it could be read"
    assert shop.alert_kinds(alert_id=f"{dropped.id}/drop_rejected")


@pytest.mark.usefixtures("versions_only")
def test_a_delete_marker_over_a_drop_changes_nothing(shop: Shop) -> None:
    with shop.without_s3_events():
        dropped = shop.drop("shop/hidden-1.war")
        shop.s3.delete_object(Bucket=dropped.bucket, Key=dropped.key)
    shop.put_event(dropped.event())
    assert shop.outcome(dropped)["status"] == "accepted"


def test_the_same_event_twice_changes_nothing(shop: Shop) -> None:
    with shop.without_s3_events():
        dropped = shop.drop("shop/shop-staging/twice-1.war")
    event = dropped.event()
    shop.put_event(event)
    shop.put_event(event)
    first = shop.await_end(STAGING, dropped)
    shop.put_event(event | {"id": "another-delivery"})
    shop.cloud.eventually(
        lambda: (
            len([line for line in shop.log("ReceiveDrop") if line.get("drop") == dropped.id and "status" in line]) == 3
        )
    )
    assert shop.receipt(dropped).deployments == [first.id]
    assert [past.label for past in shop.ledger.environments.history(STAGING)].count("twice-1") == 1
    assert shop.alert_kinds(version_label="twice-1") == [
        "deployment_queued",
        "deployment_started",
        "deployment_succeeded",
    ]


def test_an_upload_through_a_file_system_on_s3_is_one_deployment_and_causes_no_error_alert(shop: Shop) -> None:
    """s3fs writes an empty object, then the content, and then copies the object in place to set its time."""
    key, body = "shop/shop-staging/mounted-1.war", sound_war("mounted")
    with shop.foreign_update():
        with shop.without_s3_events():
            empty, content = shop.drop(key, b""), shop.drop(key, body)
        for drop in (empty, content):  # Both events arrive after the content has replaced the empty object.
            shop.put_event(drop.event())
        copied = shop.copy_in_place(content, mtime="1764338400")
        ids = {shop.outcome(dropped)["deployment"] for dropped in (content, copied)}
        assert shop.outcome(empty)["status"] == "replaced"
    deployment = shop.await_end(STAGING, content)
    assert (deployment.state, {deployment.id}) == (State.SUCCEEDED, ids)
    assert {deployment.drop, *(joined.drop for joined in deployment.joined)} == {content.id, copied.id}
    assert [past.label for past in shop.ledger.environments.history(STAGING)].count("mounted-1") == 1
    assert not shop.alerts(kind="drop_rejected", text=f"{key}: the file is empty; drop it again with its content")


def test_a_drop_that_only_its_uploader_can_decrypt_is_rejected_at_once(shop: Shop) -> None:
    """The test does not wait for a second delivery, which follows after the visibility timeout of 6 minutes."""
    dropped = shop.drop_encrypted("shop/shop-staging/hidden-1.war")
    assert "a key that only its uploader has" in shop.receipt(dropped).reason


def test_a_release_candidate_becomes_the_release_on_the_same_bundle(shop: Shop) -> None:
    key, body = "shop/shop-staging/candidate-1-rc1.war", sound_war("candidate")
    assert shop.await_end(STAGING, shop.drop(key, body)).state is State.SUCCEEDED
    released = shop.await_end(STAGING, shop.drop(key, body, version_label="candidate-1"))
    assert (released.state, released.label) == (State.SUCCEEDED, "candidate-1")
    assert shop.environment(STAGING)["VersionLabel"] == "candidate-1"
    bundles = {label: version["SourceBundle"] for label, version in shop.versions("candidate-1").items()}
    assert bundles["candidate-1"] == bundles["candidate-1-rc1"]


def test_the_newer_upload_wins_if_two_events_arrive_in_the_wrong_order(shop: Shop) -> None:
    with shop.without_s3_events():
        older = shop.drop("shop/shop-staging/order-1.war")
        newer = shop.drop("shop/shop-staging/order-2.war")
    shop.put_event(newer.event(sequencer="2"))
    shop.deployment_id(newer)
    shop.put_event(older.event(sequencer="1"))
    assert shop.await_end(STAGING, newer).state is State.SUCCEEDED
    ended = shop.await_end(STAGING, older)
    assert ended.state is State.SUPERSEDED
    assert "uploaded" in ended.reason
    assert shop.environment(STAGING)["VersionLabel"] == "order-2"


def test_a_file_whose_event_is_lost_is_deployed_once(shop: Shop) -> None:
    shop.fault("s3-events-lost", times=1)
    lost = shop.drop("shop/shop-staging/lost-1.war")
    assert shop.await_end(STAGING, lost).state is State.SUCCEEDED
    shop.put_event(lost.event())
    shop.cloud.eventually(lambda: not shop.message_count("Drops"))
    assert shop.outcome(lost)["deployment"] == shop.deployment_id(lost)
    assert [past.label for past in shop.ledger.environments.history(STAGING)].count("lost-1") == 1


def test_a_lost_file_does_not_replace_a_newer_one(shop: Shop) -> None:
    shop.fault("s3-events-lost", times=1)
    lost = shop.drop("shop/shop-staging/overtaken-1.war")
    newer = shop.drop("shop/shop-staging/overtaken-2.war")
    assert shop.await_end(STAGING, newer).state is State.SUCCEEDED
    assert shop.await_end(STAGING, lost).state is State.SUPERSEDED
    assert shop.environment(STAGING)["VersionLabel"] == "overtaken-2"


MALFORMED = [
    ("Drops", "DropsDead", {}, "not an Object Created event"),
    ("BeanstalkEvents", "BeanstalkEventsDead", {}, "not an event of Elastic Beanstalk"),
    ("GuardRequests", "BeanstalkEventsDead", {}, "not a request to the guard"),
    (
        "SlackPosts",
        "SlackPostsDead",
        {"MessageGroupId": "g", "MessageDeduplicationId": "malformed"},
        "not an alert for Slack",
    ),
    ("Mailbox", "MailboxDead", {"MessageGroupId": "g", "MessageDeduplicationId": "malformed"}, "not a wake-up"),
]


@pytest.mark.parametrize(("queue", "dead", "fifo", "reason"), MALFORMED, ids=[queue for queue, *_ in MALFORMED])
def test_a_malformed_message_goes_to_its_dead_letter_queue_at_once_with_the_reason(
    shop: Shop, queue: str, dead: str, fifo: dict[str, str], reason: str
) -> None:
    for number, body in enumerate(("{oops", json.dumps({"detail": "not-this"}))):
        unique = {name: f"{value}-{number}" for name, value in fifo.items()}
        shop.sqs.send_message(QueueUrl=shop.cloud.resources[queue]["ref"], MessageBody=body, **unique)
        message = shop.dead_letter(dead, body)
        assert reason in message["MessageAttributes"]["reason"]["StringValue"]


def test_an_object_with_ten_tags_of_its_own_keeps_them_and_is_deployed(shop: Shop) -> None:
    own = {f"tag-{number}": str(number) for number in range(10)}
    dropped = shop.drop("shop/shop-staging/tagged-1.war", tags="&".join(f"{k}={v}" for k, v in own.items()))
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED
    assert shop.tags(dropped) == own


@pytest.mark.usefixtures("versions_only")
def test_the_status_is_tagged_first_if_the_object_has_room_for_few_tags(shop: Shop) -> None:
    own = {f"tag-{number}": str(number) for number in range(8)}
    dropped = shop.drop("shop/tagged-2.war", tags="&".join(f"{k}={v}" for k, v in own.items()))
    assert shop.outcome(dropped) == {"status": "accepted", "version": "tagged-2"}
    assert own.items() < shop.tags(dropped).items()


def test_a_drop_of_the_running_content_is_accepted_and_not_deployed(shop: Shop) -> None:
    body = sound_war("again")
    assert shop.await_end(STAGING, shop.drop("shop/shop-staging/again-1.war", body)).state is State.SUCCEEDED
    again = shop.drop("shop/shop-staging/again-renamed-2.war", body)
    outcome = shop.outcome(again)
    assert outcome == {
        "status": "accepted",
        "version": "again-1",
        "deployment": "none",
        "reason": "again-1 already runs in shop-staging - there is nothing to deploy",
    }
    assert shop.alert_kinds(alert_id=f"{again.id}/version_made") == ["version_made"]


def test_content_that_has_a_version_is_deployed_to_an_environment_that_does_not_run_it(shop: Shop) -> None:
    shop.remove_configuration(APPLICATION)
    body = sound_war("back")
    assert shop.outcome(shop.drop("shop/back-1.war", body))["deployment"] == "none"
    shop.configure(APPLICATION, UNBAKED)
    ended = shop.await_end(STAGING, shop.drop("shop/shop-staging/back-2.war", body))
    assert (ended.state, ended.label) == (State.SUCCEEDED, "back-1")
    assert set(shop.versions("back-")) == {"back-1"}


def test_without_configuration_and_with_several_environments_only_a_version_is_made(shop: Shop) -> None:
    shop.remove_configuration(APPLICATION)
    outcome = shop.outcome(shop.drop("shop/several-1.war"))
    assert (outcome["status"], outcome["deployment"]) == ("accepted", "none")
    assert outcome["reason"].startswith("nothing is deployed because shop has the environments shop-prod shop-staging")
    assert set(shop.versions("several-1")) == {"several-1"}


def test_a_drop_to_the_application_goes_to_its_first_environment(shop: Shop) -> None:
    shop.configure(APPLICATION, "environments: [{name: shop-staging, bake: 0s}, {name: shop-prod}]")
    dropped = shop.drop("shop/first-1.war")
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED
    assert shop.environment(PROD)["VersionLabel"] != "first-1"


def test_the_environments_of_one_stage_are_deployed_side_by_side(shop: Shop) -> None:
    shop.configure(APPLICATION, "environments: [[{name: shop-staging, bake: 0s}, {name: shop-prod, bake: 0s}]]")
    receipt = shop.receipt(shop.drop("shop/stage-1.war"))
    assert len(receipt.deployments) == 2
    assert receipt.reason == "stage-1 is queued for shop-staging and shop-prod"
    shop.settle()
    assert {shop.environment(name)["VersionLabel"] for name in (STAGING, PROD)} == {"stage-1"}


def test_a_refused_configuration_is_reported_and_the_last_good_one_stays_in_force(shop: Shop) -> None:
    shop.configure(APPLICATION, "environments: [{name: shop-staging, bake: 0s}]")
    shop.outcome(shop.drop("shop/configured-1.war", b"no WAR, but the configuration is read for it"))
    shop.configure(APPLICATION, "environments: [{name: shop-staging, bakes: 5m}]")
    dropped = shop.drop("shop/configured-2.war")
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED
    alerts = [alert for alert in shop.alerts(kind="configuration_unreadable") if "bakes" in alert["text"]]
    assert [(alert["severity"], alert["application"]) for alert in alerts] == [("warning", APPLICATION)]
    assert "$.environments[0]" in alerts[0]["text"]


def test_a_configuration_with_an_unknown_environment_is_reported_and_the_last_good_one_stays_in_force(
    shop: Shop,
) -> None:
    shop.outcome(shop.drop("shop/nowhere-0.war", b"no WAR, but the configuration is read for it"))
    shop.configure(APPLICATION, "environments: [{name: shop-test}]")
    assert shop.await_end(STAGING, shop.drop("shop/shop-staging/nowhere-1.war")).state is State.SUCCEEDED
    texts = [alert["text"] for alert in shop.alerts(kind="configuration_unreadable")]
    assert any(
        "there is no environment shop-test; the application has shop-prod, shop-staging" in text for text in texts
    )


def test_a_first_document_that_cannot_be_read_holds_the_drop_until_a_secure_string_replaces_it(shop: Shop) -> None:
    shop.remove_configuration(APPLICATION)
    shop.configure(APPLICATION, "environments: [{name: shop-staging, bakes: 5m}]")
    dropped = shop.drop("shop/shop-staging/gated-1.war")
    deployment_id = shop.deployment_id(dropped)

    def is_held() -> bool:
        deployment = shop.deployment(STAGING, deployment_id)
        return bool(deployment and "is held, because the configuration of shop cannot be read" in deployment.reason)

    shop.cloud.eventually(is_held)
    shop.ssm.delete_parameter(Name=f"/wardrop/applications/{APPLICATION}")
    shop.configure(APPLICATION, "environments: [{name: shop-staging, bake: 0s}]", "SecureString")
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED
    assert shop.alerts(kind="configuration_mended")


@pytest.fixture(scope="module")
def solo(cloud: Cloud) -> str:
    """Another application with a strange name. Its only environment has a single instance and basic health."""
    name = 'my shop (v2), "blue" + green [x]'
    api = cloud.client("elasticbeanstalk")
    stack = api.describe_environments(EnvironmentNames=[STAGING])["Environments"][0]["SolutionStackName"]
    api.create_application(ApplicationName=name)
    options = [
        ("aws:elasticbeanstalk:environment", "EnvironmentType", "SingleInstance"),
        ("aws:elasticbeanstalk:healthreporting:system", "SystemType", "basic"),
    ]
    api.create_environment(
        ApplicationName=name,
        EnvironmentName="solo-prod",
        SolutionStackName=stack,
        OptionSettings=[{"Namespace": space, "OptionName": name, "Value": value} for space, name, value in options],
    )
    return name


def test_a_drop_to_an_application_with_one_environment_is_deployed_to_it_whatever_the_names(
    shop: Shop, solo: str
) -> None:
    shop.await_ready()
    shop.configure(parameter_name(solo), "environments: [{name: solo-prod, bake: 0s}]")
    dropped = shop.drop(f"{solo}/🚀 solo 1+2.war")
    ended = shop.await_end("solo-prod", dropped)
    assert ended.state is State.SUCCEEDED
    assert (ended.application, ended.label, ended.rules.bake) == (solo, "solo-1-2", timedelta())
    [version] = shop.beanstalk.describe_application_versions(ApplicationName=solo)["ApplicationVersions"]
    assert version["Description"].startswith(f"{solo}/? solo 1+2.war, dropped ")
    assert ended.reason.endswith("with basic health, instances do not report their versions")
    assert ended.history[1].reason.endswith("takes the service down for a while: there is a single instance")


@pytest.fixture
def cluster(cloud: Cloud) -> str:
    """Another application. Its only environment runs container images."""
    api = cloud.client("elasticbeanstalk")
    stack = api.describe_environments(EnvironmentNames=[STAGING])["Environments"][0]["SolutionStackName"]
    api.create_application(ApplicationName="images")
    tier = {"Name": "Cluster", "Type": "EKS"}
    api.create_environment(ApplicationName="images", EnvironmentName="images-1", SolutionStackName=stack, Tier=tier)
    return "images"


def test_a_drop_to_an_environment_of_the_cluster_tier_is_rejected_before_a_version_is_made(
    shop: Shop, cluster: str
) -> None:
    dropped = shop.drop(f"{cluster}/images-1/shop-1.war")
    assert shop.outcome(dropped)["reason"].startswith("images-1 is an environment of the Cluster tier")
    versions = shop.beanstalk.describe_application_versions(ApplicationName=cluster)["ApplicationVersions"]
    assert versions == []
