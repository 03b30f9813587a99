"""The adapter of Beanstalk: the answers of the API, and the errors that state what the caller should do."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from tests.unit.fakes import client
from tests.unit.samples import NOW
from wardrop.aws.beanstalk import Beanstalk
from wardrop.environments.model import Health, Instance
from wardrop.environments.version import ApplicationVersion
from wardrop.errors import NoRoom, NotNow, Refused


@pytest.fixture
def stub():
    with Stubber(client("elasticbeanstalk")) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def beanstalk(stub):
    return Beanstalk(stub.client)


def described(**differs):
    return {
        "EnvironmentId": "e-1",
        "EnvironmentName": "shop-staging",
        "ApplicationName": "shop",
        "Status": "Ready",
        "Health": "Green",
        "HealthStatus": "Ok",
        "VersionLabel": "shop-1.0",
        "DateUpdated": NOW,
        "PlatformArn": "arn:aws:elasticbeanstalk:us-east-1::platform/Tomcat/1",
    } | differs


class TestEnvironments:
    def test_all_are_described_in_one_call(self, stub, beanstalk):
        stub.add_response(
            "describe_environments",
            {"Environments": [described(), described(EnvironmentName="shop-prod", EnvironmentId="e-2")]},
            {"EnvironmentNames": ["shop-prod", "shop-staging"], "IncludeDeleted": False},
        )
        assert sorted(beanstalk.environments(["shop-prod", "shop-staging"])) == ["shop-prod", "shop-staging"]

    @pytest.mark.parametrize("name", ["web", "my shop", "x" * 41, "-web", "", "shop_prod"])
    def test_a_name_that_no_environment_can_have_is_not_asked_for(self, beanstalk, name):
        assert beanstalk.environments([name]) == {}

    @pytest.mark.parametrize(("statuses", "answer"), [(["Terminating"], True), (["Ready"], False), ([], False)])
    def test_a_termination_is_a_status(self, stub, beanstalk, statuses, answer):
        stub.add_response(
            "describe_environments",
            {"Environments": [described(Status=status) for status in statuses]},
            {"EnvironmentNames": ["shop-staging"], "IncludeDeleted": False},
        )
        assert beanstalk.is_being_terminated("shop-staging") is answer

    @pytest.mark.parametrize("status", ["Terminating", "Terminated"])
    def test_what_is_terminated_is_not_there(self, stub, beanstalk, status):
        stub.add_response("describe_environments", {"Environments": [described(Status=status)]})
        assert beanstalk.environments_of("shop") == {}

    @pytest.mark.parametrize(
        ("shown", "health", "reports"),
        [
            ({"HealthStatus": "Severe", "Health": "Green"}, Health.SEVERE, True),
            ({"HealthStatus": "No Data"}, Health.NO_DATA, True),
            ({"HealthStatus": "NoData"}, Health.NO_DATA, True),
            ({"HealthStatus": "Splendid"}, Health.UNKNOWN, True),
            ({"HealthStatus": None, "Health": "Green"}, Health.OK, False),
            ({"HealthStatus": None, "Health": "Yellow"}, Health.WARNING, False),
            ({"HealthStatus": None, "Health": "Red"}, Health.SEVERE, False),
            ({"HealthStatus": None, "Health": "Grey"}, Health.UNKNOWN, False),
            ({"HealthStatus": None, "Health": None}, Health.UNKNOWN, False),
            ({"HealthStatus": "Ok", "Tier": {"Name": "Cluster", "Type": "EKS"}}, Health.OK, False),
            ({"HealthStatus": "Ok", "Tier": {"Name": "Worker", "Type": "SQS/HTTP"}}, Health.OK, True),
        ],
    )
    def test_enhanced_health_counts_and_without_it_the_colour_and_the_cluster_tier_reports_no_instances(
        self, stub, beanstalk, shown, health, reports
    ):
        answer = {name: value for name, value in described(**shown).items() if value is not None}
        stub.add_response("describe_environments", {"Environments": [answer]})
        found = beanstalk.environments(["shop-staging"])["shop-staging"]
        assert (found.health, found.reports_instances) == (health, reports)

    def test_an_environment_without_a_version_or_platform_is_read(self, stub, beanstalk):
        bare = described()
        del bare["VersionLabel"], bare["PlatformArn"]
        stub.add_response("describe_environments", {"Environments": [bare]})
        found = beanstalk.environments(["shop-staging"])["shop-staging"]
        assert (found.version_label, found.platform) == (None, "")

    def test_throttling_is_not_now(self, stub, beanstalk):
        stub.add_client_error("describe_environments", "Throttling", "Rate exceeded", 400)
        with pytest.raises(NotNow, match="Rate exceeded"):
            beanstalk.environments(["shop-staging"])


class TestInstances:
    def test_every_page_is_read_and_silence_is_none(self, stub, beanstalk):
        asked = {"EnvironmentName": "shop-staging", "AttributeNames": ["HealthStatus", "Causes", "Deployment"]}
        report = {
            "InstanceId": "i-1",
            "Causes": ["Application answers 500."],
            "Deployment": {"VersionLabel": "shop-2.0", "DeploymentId": 8, "Status": "Deployed"},
        }
        stub.add_response("describe_instances_health", {"InstanceHealthList": [report], "NextToken": "more"}, asked)
        stub.add_response(
            "describe_instances_health",
            {"InstanceHealthList": [{"InstanceId": "i-2"}]},
            asked | {"NextToken": "more"},
        )
        assert beanstalk.instances("shop-staging") == (
            Instance(
                id="i-1",
                version_label="shop-2.0",
                deployment_id=8,
                deployment_status="Deployed",
                causes=("Application answers 500.",),
            ),
            Instance(id="i-2", version_label=None, deployment_id=0, deployment_status=None),
        )

    def test_no_instances_are_an_empty_fleet(self, stub, beanstalk):
        stub.add_response("describe_instances_health", {"InstanceHealthList": []})
        assert beanstalk.instances("shop-staging") == ()


class TestEvents:
    def test_all_pages_come_oldest_first(self, stub, beanstalk):
        asked = {"EnvironmentName": "shop-staging", "StartTime": NOW}
        later = datetime(2026, 1, 3, tzinfo=UTC)
        newer = {"EventDate": later, "Message": "b", "Severity": "ERROR", "RequestId": "r"}
        older = {"EventDate": NOW, "Message": "a", "Severity": "INFO"}
        stub.add_response("describe_events", {"Events": [newer], "NextToken": "more"}, asked)
        stub.add_response("describe_events", {"Events": [older]}, asked | {"NextToken": "more"})
        found = beanstalk.events("shop-staging", NOW)
        assert [(one.message, one.request_id, one.is_error) for one in found] == [("a", None, False), ("b", "r", True)]


class TestMakingAVersion:
    PLACE = ("shop", "shop-2.0", "text", "releases", "shop/0/shop-2.0.war")
    BUNDLE = {"S3Bucket": "releases", "S3Key": "shop/0/shop-2.0.war"}  # noqa: RUF012

    def taken(self, stub, by):
        stub.add_client_error(
            "create_application_version",
            "InvalidParameterValue",
            "Application Version shop-2.0 already exists.",
            400,
        )
        stub.add_response("describe_application_versions", {"ApplicationVersions": by})

    def test_it_is_made_unprocessed_in_an_application_that_exists(self, stub, beanstalk):
        stub.add_response(
            "create_application_version",
            {},
            {
                "ApplicationName": "shop",
                "VersionLabel": "shop-2.0",
                "Description": "text",
                "SourceBundle": self.BUNDLE,
                "AutoCreateApplication": False,
                "Process": False,
            },
        )
        assert beanstalk.create_version(*self.PLACE)

    def test_a_version_has_no_description_if_beanstalk_refuses_it(self, stub, beanstalk):
        message = "Invalid unicode xml character in CreateApplicationVersionMessage.Description at index 74"
        stub.add_client_error("create_application_version", "InvalidParameterValue", message, 400)
        without = {"ApplicationName": "shop", "VersionLabel": "shop-2.0", "SourceBundle": self.BUNDLE}
        stub.add_response(
            "create_application_version", {}, without | {"AutoCreateApplication": False, "Process": False}
        )
        assert beanstalk.create_version(*self.PLACE)

    def test_one_that_is_there_with_the_same_bundle_is_as_good(self, stub, beanstalk):
        self.taken(stub, [{"SourceBundle": self.BUNDLE}])
        assert beanstalk.create_version(*self.PLACE)

    @pytest.mark.parametrize("by", [[{"SourceBundle": {"S3Bucket": "x", "S3Key": "y"}}], [{}], []])
    def test_one_that_is_there_with_another_bundle_is_not(self, stub, beanstalk, by):
        self.taken(stub, by)
        assert not beanstalk.create_version(*self.PLACE)

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("TooManyApplicationVersionsException", NoRoom),
            ("InvalidParameterValue", Refused),
            ("ValidationError", Refused),
            ("S3LocationNotInServiceRegionException", ClientError),
            ("InsufficientPrivilegesException", ClientError),
            ("InvalidParameterCombination", ClientError),
            ("Throttling", NotNow),
            ("AccessDenied", ClientError),
            ("InternalFailure", ClientError),
        ],
    )
    def test_errors_say_what_to_do(self, stub, beanstalk, code, expected):
        stub.add_client_error("create_application_version", code, "why", 400)
        with pytest.raises(expected, match="why"):
            beanstalk.create_version(*self.PLACE)


class TestUpdating:
    def test_the_label_alone_is_changed_and_the_request_id_comes_back(self, stub, beanstalk):
        stub.add_response(
            "update_environment",
            described() | {"ResponseMetadata": {"RequestId": "our-request"}},
            {"EnvironmentId": "e-1", "VersionLabel": "shop-2.0"},
        )
        assert beanstalk.update("e-1", "shop-2.0") == "our-request"

    def test_options_of_the_command_alone_are_changed(self, stub, beanstalk):
        setting = {"Namespace": "aws:elasticbeanstalk:command", "OptionName": "BatchSize", "Value": "30"}
        stub.add_response(
            "update_environment",
            described() | {"ResponseMetadata": {"RequestId": "our-request"}},
            {"EnvironmentId": "e-1", "OptionSettings": [setting]},
        )
        assert beanstalk.configure("e-1", {"BatchSize": "30"}) == "our-request"

    @pytest.mark.parametrize(
        ("code", "message", "expected"),
        [
            (
                "InvalidParameterValue",
                "Environment named shop-staging is in an invalid state for this operation. Must be Ready.",
                NotNow,
            ),
            ("OperationInProgressFailure", "busy", NotNow),
            ("ThrottlingException", "slow down", NotNow),
            ("RequestLimitExceeded", "slow down", NotNow),
            ("InvalidParameterValue", "No Application Version named 'shop-2.0' found.", Refused),
            ("InvalidParameterCombination", "no", Refused),
            ("ConfigurationValidationException", "no", Refused),
            ("InsufficientPrivilegesException", "Access Denied", Refused),
            ("AccessDenied", "not authorized", Refused),
            ("TooManyBucketsException", "no", Refused),
            ("ServiceUnavailable", "later", ClientError),
            ("InternalFailure", "oops", ClientError),
        ],
    )
    def test_errors_say_whether_to_wait_to_give_up_or_to_look_what_began(
        self, stub, beanstalk, code, message, expected
    ):
        stub.add_client_error("update_environment", code, message, 500 if expected is ClientError else 400)
        with pytest.raises(expected):
            beanstalk.update("e-1", "shop-2.0")

    def test_it_is_sent_through_the_client_that_never_retries(self, stub):
        with Stubber(boto3.client("elasticbeanstalk")) as once:
            once.add_response(
                "update_environment",
                described() | {"ResponseMetadata": {"RequestId": "r"}},
                {"EnvironmentId": ANY, "VersionLabel": ANY},
            )
            assert Beanstalk(stub.client, once.client).update("e-1", "shop-2.0") == "r"
            once.assert_no_pending_responses()


def test_only_one_client_never_retries():
    from wardrop.aws import clients

    assert clients.beanstalk_once().meta.config.retries["total_max_attempts"] == 1
    assert clients.beanstalk().meta.config.retries["total_max_attempts"] == 3


def test_whether_an_application_exists(stub, beanstalk):
    stub.add_response("describe_applications", {"Applications": []}, {"ApplicationNames": ["mall"]})
    stub.add_response("describe_applications", {"Applications": [{}]}, {"ApplicationNames": ["shop"]})
    assert not beanstalk.has_application("mall")
    assert beanstalk.has_application("shop")


@pytest.mark.parametrize(
    ("quotas", "quota"),
    [
        ({"ApplicationVersionQuota": {"Maximum": 4000}}, 4000),
        ({"EnvironmentQuota": {"Maximum": 200}}, 1000),
        ({}, 1000),
    ],
)
def test_the_quota_of_versions_is_the_accounts_and_where_it_is_hidden_awss_default(stub, beanstalk, quotas, quota):
    stub.add_response("describe_account_attributes", {"ResourceQuotas": quotas}, {})
    assert beanstalk.version_quota() == quota


def test_versions_are_counted_on_every_page(stub, beanstalk):
    one = {"ApplicationName": "shop", "VersionLabel": "a", "DateCreated": NOW}
    stub.add_response("describe_application_versions", {"ApplicationVersions": [one, one], "NextToken": "more"})
    stub.add_response("describe_application_versions", {"ApplicationVersions": [one]})
    assert beanstalk.version_count() == 3


class TestCleanUp:
    def test_versions_are_listed_page_by_page(self, stub, beanstalk):
        one = {"ApplicationName": "shop", "VersionLabel": "a", "DateCreated": NOW}
        bundle = {"SourceBundle": {"S3Bucket": "releases", "S3Key": "k"}}
        stub.add_response(
            "describe_application_versions",
            {"ApplicationVersions": [one | bundle], "NextToken": "n"},
            {"MaxRecords": 1000},
        )
        stub.add_response(
            "describe_application_versions",
            {"ApplicationVersions": [one | {"VersionLabel": "sample"}]},
            {"MaxRecords": 1000, "NextToken": "n"},
        )
        assert beanstalk.application_versions() == [
            ApplicationVersion(application="shop", label="a", created_at=NOW, bucket="releases", key="k"),
            ApplicationVersion(application="shop", label="sample", created_at=NOW),
        ]

    def test_environments_are_listed_page_by_page_and_those_that_are_terminating_last(self, stub, beanstalk):
        stub.add_response(
            "describe_environments",
            {"Environments": [described(Status="Terminating")], "NextToken": "n"},
            {"IncludeDeleted": False, "ApplicationName": "shop"},
        )
        stub.add_response(
            "describe_environments",
            {"Environments": [described(Status="Terminated")]},
            {"IncludeDeleted": False, "ApplicationName": "shop", "NextToken": "n"},
        )
        assert [one.status for one in beanstalk.lasting_environments("shop")] == ["Terminating"]

    def test_a_version_is_deleted_and_its_bundle_is_not(self, stub, beanstalk):
        wanted = {"ApplicationName": "shop", "VersionLabel": "a", "DeleteSourceBundle": False}
        stub.add_response("delete_application_version", {}, wanted)
        assert beanstalk.delete_version("shop", "a")

    @pytest.mark.parametrize("text", ["No Application Version named 'a' found.", "No Application named 'shop' found."])
    def test_a_version_or_application_that_is_gone_is_told_and_no_error(self, stub, beanstalk, text):
        stub.add_client_error("delete_application_version", "InvalidParameterValue", text, 400)
        assert not beanstalk.delete_version("shop", "a")

    @pytest.mark.parametrize(
        ("code", "text", "status", "raised"),
        [
            ("OperationInProgressFailure", "Unable to delete application version: a. An operation is", 400, NotNow),
            ("Throttling", "Rate exceeded", 400, NotNow),
            ("InvalidParameterValue", "something else", 400, Refused),
            ("AccessDenied", "no", 403, Refused),
            ("InternalFailure", "oh", 500, ClientError),
        ],
    )
    def test_each_refusal_is_taken_for_what_it_is(self, stub, beanstalk, code, text, status, raised):
        stub.add_client_error("delete_application_version", code, text, status)
        with pytest.raises(raised, match=text):
            beanstalk.delete_version("shop", "a")

    def test_no_room_is_a_refusal_of_its_own(self, stub, beanstalk):
        stub.add_client_error("create_application_version", "TooManyApplicationVersionsException", "full", 400)
        with pytest.raises(NoRoom, match="full"):
            beanstalk.create_version("shop", "a", "d", "b", "k")
