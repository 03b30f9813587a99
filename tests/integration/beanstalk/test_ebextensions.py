"""Settings in the `.ebextensions` of a bundle: their precedence, the replacements that they cause, and refusals."""

import json
from collections.abc import Callable

import pytest

from local.beanstalk import bundles

from .conftest import Cloud, refused, wait_until
from .test_bundles import war
from .test_configuration_updates import LAUNCH, ROLLING, deployment_statuses, options
from .test_environments import ASG, COMMAND, PROPERTIES, create, setting, settings, staging_labels
from .test_policies import FLEET, PROD, deploy_and_count, instance_ids, labels, serving_count

LISTED = f"""
option_settings:
  - namespace: {COMMAND}
    option_name: Timeout
    value: 700
  - option_name: COLOUR
    value: green
"""
MAPPED = f"option_settings:\n  {COMMAND}:\n    Timeout: 700\n  {PROPERTIES}:\n    COLOUR: green\n"
IN_JSON = json.dumps({"option_settings": {COMMAND: {"Timeout": "700"}, PROPERTIES: {"COLOUR": "green"}}})
TABBED = json.dumps(json.loads(IN_JSON), indent="\t")
MERGED = f"""
base: &base
  {COMMAND}: {{Timeout: 700}}
option_settings:
  <<: *base
  {PROPERTIES}: {{COLOUR: green}}
"""
ANOTHER_KEY = f"option_settings:\n  {LAUNCH}:\n    EC2KeyName: another\n"
IMMUTABLE_ALONE = (
    "To enable immutable config and application deployments together, you must set both the DeploymentPolicy option "
    "(aws:elasticbeanstalk:command namespace) and the RollingUpdateType option "
    "(aws:autoscaling:updatepolicy:rollingupdate namespace) to Immutable."
)
UNKNOWN = "Invalid option specification (Namespace: 'aws:nope', OptionName: 'X'): Unknown configuration setting."
API_ONLY = (
    "Invalid option specification (Namespace: 'aws:elasticbeanstalk:environment', OptionName: "
    "'ExternalExtensionsS3Bucket'): External extensions can only be applied from the API"
)


def bundle(*files: str) -> bytes:
    return war({"index.jsp": ""} | {f".ebextensions/{n}.config": file for n, file in enumerate(files)})


def configure(cloud: Cloud, *given: tuple[str, str, str]) -> None:
    cloud.update(PROD, OptionSettings=options(*given))
    cloud.settle(PROD)


@pytest.mark.parametrize("file", [LISTED, MAPPED, IN_JSON, TABBED, MERGED])
def test_configuration_files_may_have_either_form(cloud: Cloud, file: str) -> None:
    cloud.version("v-1", bundle(file))
    cloud.deploy("v-1")
    assert (settings(cloud)[COMMAND, "Timeout"], settings(cloud)[PROPERTIES, "COLOUR"]) == ("700", "green")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("{Version: 1, Rules: [a]}", '{"Version": 1, "Rules": ["a"]}'),
        ("!Ref Topic", '{"Ref": "Topic"}'),
        ("!Sub [a, {b: c}]", '{"Fn::Sub": ["a", {"b": "c"}]}'),
        ("yes", "true"),
        ("1.50", "1.50"),
        ("'x'  # gr\xf6\xdfe", "x"),
    ],
)
def test_a_value_may_be_a_mapping_or_a_function(value: str, text: str) -> None:
    archive = war({".ebextensions/0.config": f"option_settings: {{a: {{b: {value}\n}}}}".encode("latin-1")})
    assert bundles.settings(archive, "v-1") == [{"Namespace": "a", "OptionName": "b", "Value": text}]


def test_the_api_overrides_files_until_its_setting_is_removed(cloud: Cloud) -> None:
    cloud.configure(Timeout="800")
    cloud.version("v-1", bundle(MAPPED))
    cloud.deploy("v-1")
    assert settings(cloud)[COMMAND, "Timeout"] == "800"
    cloud.update(OptionsToRemove=[{"Namespace": COMMAND, "OptionName": "Timeout"}])
    cloud.settle()
    assert settings(cloud)[COMMAND, "Timeout"] == "700"


def test_a_version_without_files_restores_the_defaults(cloud: Cloud) -> None:
    cloud.version("v-1", bundle(MAPPED))
    cloud.deploy("v-1")
    cloud.deploy("shop-0")
    assert settings(cloud)[COMMAND, "Timeout"] == "600"
    assert (PROPERTIES, "COLOUR") not in settings(cloud)


def test_the_last_file_in_alphabetical_order_wins(cloud: Cloud) -> None:
    cloud.version("v-1", bundle(MAPPED, MAPPED.replace("700", "701")))
    cloud.deploy("v-1")
    assert settings(cloud)[COMMAND, "Timeout"] == "701"


def test_the_fleet_gets_the_size_that_a_file_sets(cloud: Cloud) -> None:
    cloud.update(OptionsToRemove=[{"Namespace": ASG, "OptionName": "MinSize"}])
    cloud.settle()
    cloud.version("v-1", bundle(f"option_settings:\n  {ASG}:\n    MinSize: 3\n"))
    cloud.deploy("v-1")
    wait_until(lambda: staging_labels(cloud) == ["v-1"] * 3, "the added instance runs the version")


def test_a_new_environment_is_created_with_the_files_settings(cloud: Cloud) -> None:
    cloud.version("v-1", bundle(f"option_settings:\n  {ASG}:\n    MinSize: 3\n"))
    create(cloud, VersionLabel="v-1")
    cloud.settle("shop-new")
    assert len(cloud.instances("shop-new")) == 3
    cloud.version("v-2", bundle("option_settings:\n  aws:nope:\n    X: 1\n"))
    create(cloud, "shop-not", VersionLabel="v-2")
    cloud.settle("shop-not")
    messages = cloud.messages(EnvironmentName="shop-not", Severity="ERROR")
    assert messages[1:] == [("ERROR", UNKNOWN), ("ERROR", "Failed to launch environment.")]


@pytest.mark.parametrize(
    ("policy", "fewest"),
    [
        ([], 0),
        ([(ROLLING, "RollingUpdateEnabled", "true"), (ROLLING, "RollingUpdateType", "Health")], FLEET - 1),
        ([(ROLLING, "RollingUpdateType", "Immutable"), (COMMAND, "DeploymentPolicy", "Immutable")], FLEET),
    ],
)
def test_a_file_that_changes_a_launch_setting_turns_the_deployment_into_a_replacement(
    make_cloud: Callable[..., Cloud], policy: list[tuple[str, str, str]], fewest: int
) -> None:
    cloud = make_cloud(speed=1500.0)
    if policy:
        configure(cloud, *policy)
    before = instance_ids(cloud)
    cloud.version("v-1", bundle(ANOTHER_KEY))
    assert deploy_and_count(cloud, "v-1") >= fewest
    assert not before & instance_ids(cloud)
    assert labels(cloud) == ["v-1"] * FLEET
    assert (serving_count(cloud), cloud.environment(PROD)["VersionLabel"]) == (FLEET, "v-1")
    texts = [text for _, text in cloud.messages(EnvironmentName=PROD)]
    assert not any(text.startswith("Batch 1") for text in texts)
    assert "New application version was deployed to running EC2 instances." in texts


def test_a_setting_that_the_api_overrides_replaces_nothing(cloud: Cloud) -> None:
    configure(cloud, (LAUNCH, "EC2KeyName", "mine"))
    before = instance_ids(cloud)
    cloud.version("v-1", bundle(ANOTHER_KEY))
    cloud.deploy("v-1", PROD)
    assert instance_ids(cloud) == before
    assert labels(cloud) == ["v-1"] * FLEET


@pytest.mark.parametrize(
    "policy", [(COMMAND, "DeploymentPolicy", "Immutable"), (ROLLING, "RollingUpdateType", "Immutable")]
)
def test_instances_cannot_be_replaced_if_only_one_of_the_two_policies_is_immutable(
    cloud: Cloud, policy: tuple[str, str, str]
) -> None:
    configure(cloud, policy)
    before = instance_ids(cloud)
    cloud.version("v-1", bundle(ANOTHER_KEY))
    request_id = cloud.deploy("v-1", PROD)
    errors = [("ERROR", IMMUTABLE_ALONE), ("ERROR", "Failed to deploy application.")]
    assert cloud.messages(request_id) == [("INFO", "Environment update is starting."), *errors]
    assert (instance_ids(cloud), labels(cloud)) == (before, ["shop-0"] * FLEET)
    assert deployment_statuses(cloud) == ["deployed"]


def test_an_immutable_deployment_cannot_change_the_load_balancer(cloud: Cloud) -> None:
    configure(cloud, (COMMAND, "DeploymentPolicy", "Immutable"))
    cloud.version("v-1", bundle("option_settings:\n  aws:elbv2:loadbalancer:\n    IdleTimeout: 30\n"))
    cloud.deploy("v-1", PROD)
    assert cloud.environment(PROD)["VersionLabel"] == "shop-0"


def test_a_replacement_that_fails_restores_settings_and_version_by_another_replacement(cloud: Cloud) -> None:
    configure(cloud, (ROLLING, "RollingUpdateEnabled", "true"), (ROLLING, "RollingUpdateType", "Health"))
    cloud.version("v-1", bundle(ANOTHER_KEY))
    cloud.faults.add({"fault": "deploy-fails-health", "environment": PROD, "batch": 2, "times": 1})
    before = instance_ids(cloud)
    request_id = cloud.deploy("v-1", PROD)
    assert cloud.messages(request_id)[-2:] == [
        ("INFO", "The environment was reverted to the previous configuration setting."),
        ("ERROR", "Failed to deploy application."),
    ]
    assert labels(cloud) == ["shop-0"] * FLEET
    assert 0 < len(before & instance_ids(cloud)) < FLEET
    assert serving_count(cloud) == FLEET


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("option_settings:\n  aws:nope:\n    X: 1\n", UNKNOWN),
        ("option_settings:\n  aws:elasticbeanstalk:environment:\n    ExternalExtensionsS3Bucket: b\n", API_ONLY),
    ],
)
def test_an_invalid_setting_fails_the_deployment_before_any_instance_changes(
    cloud: Cloud, file: str, reason: str
) -> None:
    cloud.version("v-1", bundle(file))
    request_id = cloud.deploy("v-1")
    assert cloud.messages(request_id) == [
        ("INFO", "Environment update is starting."),
        ("ERROR", '"option_settings" in one of the configuration files failed validation. More details to follow.'),
        ("ERROR", reason),
        ("ERROR", "Failed to deploy application."),
    ]
    assert [each["Deployment"]["VersionLabel"] for each in cloud.instances()] == ["shop-0", "shop-0"]


def test_a_file_cannot_change_the_type_of_the_load_balancer(cloud: Cloud) -> None:
    create(cloud)  # The API sets no type, because it would override the type in the file.
    cloud.settle("shop-new")
    cloud.version(
        "v-1", bundle("option_settings:\n  aws:elasticbeanstalk:environment:\n    LoadBalancerType: network\n")
    )
    request_id = cloud.deploy("v-1", "shop-new")
    assert ("ERROR", "LoadBalancer type option cannot be changed.") in cloud.messages(request_id)


def test_the_call_rejects_files_of_a_wrong_form_and_changes_nothing(cloud: Cloud) -> None:
    where = "configuration file .ebextensions/0.config in application version"
    for label, file in (("v-1", "option_settings: [a]"), ("v-2", f"option_settings: {{{COMMAND}: Timeout}}")):
        cloud.version(label, bundle(file))
        text = f"Each option setting in {where} {label} must be a map. Update each option setting in the "
        assert refused(cloud.update, VersionLabel=label) == ("InvalidParameterValue", f"{text}configuration file.", 400)
    cloud.version("v-3", bundle("a: [1"))
    code, text, _ = refused(cloud.update, VersionLabel="v-3")
    assert code == "InvalidParameterValue"
    assert text.startswith(f"The {where} v-3 contains invalid YAML or JSON. YAML exception: Invalid Yaml: ")
    assert text.endswith(
        ", JSON exception: Invalid JSON: Unexpected character (a) at position 0.. Update the configuration file."
    )
    assert cloud.environment()["Status"] == "Ready"


@pytest.mark.parametrize("file", ["", "option_settings:\n", "packages:\n  yum:\n    jq: []\n", "- a\n", "\u0000"])
def test_a_file_without_settings_sets_nothing(cloud: Cloud, file: str) -> None:
    cloud.version("v-1", bundle(file))
    if file == "\u0000":
        assert refused(cloud.update, VersionLabel="v-1")[0] == "InvalidParameterValue"
    else:
        before = settings(cloud)
        cloud.deploy("v-1")
        assert settings(cloud) == before


def test_settings_of_a_call_are_a_pending_draft_and_settings_of_files_are_not(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(speed=300.0)
    cloud.version("v-1", bundle(MAPPED))
    cloud.update(PROD, VersionLabel="v-1", OptionSettings=[setting(COMMAND, "IgnoreHealthCheck", "true")])
    wait_until(lambda: deployment_statuses(cloud) == ["deployed", "pending"], "there is a draft")
    cloud.settle(PROD)
    request_id = cloud.update(PROD, VersionLabel="shop-0")
    wait_until(lambda: "Deploying new version" in str(cloud.messages(request_id)), "it is under way")
    assert deployment_statuses(cloud) == ["deployed"]
    cloud.settle(PROD)


def test_a_failed_version_leaves_no_settings_behind(cloud: Cloud) -> None:
    cloud.version("v-1", bundle(MAPPED))
    cloud.faults.add({"fault": "deploy-fails-command", "environment": "shop-staging", "batch": 2, "times": 1})
    cloud.deploy("v-1")
    assert settings(cloud)[COMMAND, "Timeout"] == "600"
    cloud.update(OptionSettings=[setting(COMMAND, "Timeout", "601")])
    cloud.settle()
    assert settings(cloud)[COMMAND, "Timeout"] == "601"
