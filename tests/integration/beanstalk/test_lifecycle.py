"""Rebuilds and restores of environments, and deletions of applications."""

from .conftest import Cloud, refused, wait_until


def terminate(cloud: Cloud, name: str) -> None:
    answer = cloud.eb.terminate_environment(EnvironmentName=name)
    assert ("VersionLabel" in answer, answer["Status"], answer["Health"]) == (False, "Terminating", "Grey")
    wait_until(lambda: cloud.environment(name)["Status"] == "Terminated", f"{name} is terminated")


def test_a_terminated_environment_is_grey(cloud: Cloud) -> None:
    terminate(cloud, "shop-staging")
    assert cloud.environment()["Health"] == "Grey"


def test_a_terminated_environment_is_restored_with_its_id_version_and_cname(cloud: Cloud) -> None:
    before = cloud.environment()
    terminate(cloud, "shop-staging")
    cloud.eb.rebuild_environment(EnvironmentId=before["EnvironmentId"])
    after = cloud.settle()
    same = ("EnvironmentId", "CNAME", "VersionLabel")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert [each["Deployment"]["VersionLabel"] for each in cloud.instances()] == ["shop-0", "shop-0"]


def test_a_terminated_environment_is_not_restored_if_its_name_is_taken(cloud: Cloud) -> None:
    before = cloud.environment()
    terminate(cloud, "shop-staging")
    stack = before["SolutionStackName"]
    cloud.eb.create_environment(ApplicationName="shop", EnvironmentName="shop-staging", SolutionStackName=stack)
    text = "Environment shop-staging already exists."
    call = cloud.eb.rebuild_environment
    assert refused(call, EnvironmentId=before["EnvironmentId"]) == ("InvalidParameterValue", text, 400)


def test_a_rebuild_replaces_every_instance(cloud: Cloud) -> None:
    before = {each["InstanceId"] for each in cloud.instances()}
    request_id = cloud.eb.rebuild_environment(EnvironmentName="shop-staging")["ResponseMetadata"]["RequestId"]
    cloud.settle()
    assert before.isdisjoint(each["InstanceId"] for each in cloud.instances())
    messages = [text for _, text in cloud.messages(request_id)]
    assert (messages[0], messages[-1]) == (
        "rebuildEnvironment is starting.",
        "Successfully launched environment: shop-staging",
    )


def test_an_application_with_environments_is_deleted_only_by_force(cloud: Cloud) -> None:
    code, text, _ = refused(cloud.eb.delete_application, ApplicationName="shop")
    assert (code, "deployed to a running environment" in text) == ("InvalidParameterValue", True)
    cloud.eb.delete_application(ApplicationName="shop", TerminateEnvByForce=True)
    assert {each["Status"] for each in cloud.eb.describe_environments()["Environments"]} == {"Terminating"}
    wait_until(lambda: not cloud.eb.describe_applications()["Applications"], "the application is deleted")
    assert {each["Status"] for each in cloud.eb.describe_environments()["Environments"]} == {"Terminated"}


def test_an_application_without_environments_is_deleted_at_once(cloud: Cloud) -> None:
    cloud.eb.create_application(ApplicationName="mall")
    cloud.eb.delete_application(ApplicationName="mall")
    assert [each["ApplicationName"] for each in cloud.eb.describe_applications()["Applications"]] == ["shop"]


def test_the_lifecycle_needs_a_service_role_once(cloud: Cloud) -> None:
    rule = {"VersionLifecycleConfig": {"MaxCountRule": {"Enabled": True, "MaxCount": 5}}}
    call = cloud.eb.update_application_resource_lifecycle
    assert refused(call, ApplicationName="shop", ResourceLifecycleConfig=rule)[0] == "MissingRequiredParameter"
    call(ApplicationName="shop", ResourceLifecycleConfig=rule | {"ServiceRole": "arn:aws:iam::123456789012:role/eb"})
    kept = call(ApplicationName="shop", ResourceLifecycleConfig=rule)["ResourceLifecycleConfig"]
    assert kept["ServiceRole"].endswith("role/eb")
    [application] = cloud.eb.describe_applications()["Applications"]
    assert application["ResourceLifecycleConfig"] == kept
