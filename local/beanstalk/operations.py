"""The API's operations, but for how they go over the wire."""

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from moto.elasticbeanstalk.responses import SOLUTION_STACK_DETAILS

from . import bundles, options, platforms
from .configuration import ConfigurationUpdate
from .deployments import ApplicationDeployment
from .environments import Environment
from .events import SEVERITIES
from .exceptions import (
    BeanstalkError,
    ConfigurationValidationException,
    InvalidParameterCombination,
    InvalidParameterValue,
)
from .health import BAD, of_instance
from .instances import Health, Instance
from .maintenance import Creation, Restart, Swap, TagUpdate, Termination
from .models import ElasticBeanstalkBackend, matching
from .options import BALANCER_TYPE, Given
from .policies import roll_out
from .replacement import Replacement, refusal
from .tables import table
from .versions import ApplicationVersion

PROCESSING_SECONDS = 10
MOST_EVENTS = 1000
EVER = {"StartTime": datetime.min.replace(tzinfo=UTC), "EndTime": datetime.max.replace(tzinfo=UTC)}


@dataclass(frozen=True)
class Operations:
    """One request: each of the methods is the API's operation of that name, and returns its answer."""

    backend: ElasticBeanstalkBackend
    given: Given
    request_id: str

    def create_application(self) -> object:
        return {"Application": self.backend.add_application(self.given)}

    def describe_applications(self) -> object:
        return {"Applications": matching(self.backend.applications.values(), self.given)}

    def create_application_version(self) -> object:
        given, backend = self.given, self.backend
        name, label = given["ApplicationName"], given["VersionLabel"]
        if given.get("AutoCreateApplication") and name not in backend.applications:
            backend.add_application({"ApplicationName": name})
        if label in backend.application(name).labelled:
            raise InvalidParameterValue(f"Application Version {label} already exists.")
        if "SourceBuildInformation" in given:
            raise InvalidParameterCombination("SourceBuildInformation is not there in this stand-in.")
        if "SourceBundle" in given:
            bundles.must_be_readable(backend.account_id, backend.region_name, given["SourceBundle"])
        quota = self._version_quota()
        if len(backend.versions()) >= quota:  # the wording is unverified
            text = f"You cannot have more than {quota} Application Versions. Either remove some of them"
            raise BeanstalkError("TooManyApplicationVersionsException", f"{text} or request a limit increase.")
        version = backend.add_version(given)
        for event in ("version-starting", "version-created", "version-completed"):
            self._say(event, version)
        if given.get("Process"):
            version.status = "PROCESSING"
            backend.service.run(self._process(version))
        return {"ApplicationVersion": version}

    async def _process(self, version: ApplicationVersion) -> None:
        service = self.backend.service
        await service.clock.sleep(PROCESSING_SECONDS)
        with service.lock:
            sound = version.is_sound()
            version.status, version.date_updated = "PROCESSED" if sound else "FAILED", service.now()
            self._say("version-processed" if sound else "version-failed", version)

    def _say(self, event: str, version: ApplicationVersion) -> None:
        about = {"application_name": version.application_name, "version_label": version.version_label}
        self.backend.tell(event, {"label": version.version_label}, **about, request_id=self.request_id)

    def describe_application_versions(self) -> object:
        return self._page("ApplicationVersions", matching(self.backend.versions(), self.given))

    def update_application_version(self) -> object:
        version = self.backend.version(self.given["ApplicationName"], self.given["VersionLabel"])
        version.description, version.date_updated = self.given.get("Description"), self.backend.service.now()
        return {"ApplicationVersion": version}

    def update_application(self) -> object:
        application = self.backend.application(self.given["ApplicationName"])
        application.description, application.date_updated = self.given.get("Description"), self.backend.service.now()
        return {"Application": application}

    def delete_application_version(self) -> None:
        """Also one that an environment runs: the API reference denies it, the service does it."""
        version = self.backend.version(self.given["ApplicationName"], self.given["VersionLabel"])
        busy = version.status == "PROCESSING"
        for environment in self.backend.environments.values():
            busy |= getattr(environment.update, "version", None) is version
            if self.backend.service.keeps_versions_in_use and environment.version_label == version.version_label:
                busy |= environment.application_name == version.application_name
        if busy:
            text = f"Unable to delete application version: {version.version_label}."
            reason = "An operation is already in progress, please retry again shortly."
            raise BeanstalkError("OperationInProgressFailure", f"{text} {reason}")
        self.backend.tags.pop(version.arn, None)
        del self.backend.applications[version.application_name].labelled[version.version_label]
        if self.given.get("DeleteSourceBundle") and version.source_bundle:
            account, bucket, key = self.backend.account_id, *map(version.source_bundle.get, ("S3Bucket", "S3Key"))
            if bundles.find(account, version.source_bundle) is None:  # the wording is unverified
                text = f"Unable to delete the source bundle (Bucket: {bucket}  Key: {key})."
                raise BeanstalkError("SourceBundleDeletionFailure", text)
            bundles.storage(account).delete_object(bucket, key)

    def create_environment(self) -> object:
        application, label = self.backend.application(self.given["ApplicationName"]), self.given.get("VersionLabel")
        version = self.backend.version(application.name, label) if label is not None else None
        bundled = version.settings() if version is not None else []
        environment = self.backend.add_environment(self.given)
        about: dict[str, Any] = {"environment": environment, "request_id": self.request_id}
        environment.start(Creation(**about, version=version, bundled=bundled))
        return environment.requested(label)

    def describe_environments(self) -> object:
        """Those that were terminated linger, unless IncludeDeleted says no."""
        seen = [environment.seen() for environment in reversed(self.backend.environments.values())]
        if self.given.get("IncludeDeleted", True):
            since = self.given.get("IncludedDeletedBackTo", EVER["StartTime"]).replace(tzinfo=UTC)
            seen += [each for each in reversed(self.backend.terminated) if each.date_updated >= since]
        return self._page("Environments", matching(seen, self.given))

    def update_environment(self) -> object:
        given, environment = self.given, self.backend.environment(self.given)
        label = given.get("VersionLabel")
        version = self.backend.version(environment.application_name, label) if label is not None else None
        stack = platforms.solution_stack(given, environment.solution_stack_name)
        self._must_be(environment.status == "Ready", environment, "Ready")
        if given.get("Tier", environment.tier).get("Name") != environment.tier["Name"]:
            raise InvalidParameterValue("The tier of an environment cannot be changed.")  # the wording is unknown
        configuration = environment.configuration.changed(given)
        if BALANCER_TYPE in environment.configuration.differing(configuration):
            raise ConfigurationValidationException("LoadBalancer type option cannot be changed.")
        about: dict[str, Any] = {"environment": environment, "request_id": self.request_id}
        about |= {"configuration": configuration, "solution_stack_name": stack}
        if version is not None:
            sent = [(option["Namespace"], option["OptionName"]) for option in given.get("OptionSettings", ())]
            bundled = version.settings()
            update: Replacement = ApplicationDeployment(
                **about, version=version, bundled=bundled, sent=sent, roll_out=roll_out
            )
        else:
            update = ConfigurationUpdate(**about)
            if event := refusal(update, deploys=False):
                raise ConfigurationValidationException(table("events")[event]["message"])
        environment.description = given.get("Description", environment.description)
        environment.start(update)
        return environment.requested(label or environment.version_label)

    def terminate_environment(self) -> object:
        environment = self.backend.environment(self.given)
        if environment.status != "Ready":
            text = f"Cannot terminate environment named {environment.name}. It is currently pending deployment."
            raise InvalidParameterValue(text)
        about: dict[str, Any] = {"environment": environment, "request_id": self.request_id}
        environment.start(Termination(**about, bury=partial(self.backend.bury, environment)))
        return environment.requested(environment.version_label)

    def restart_app_server(self) -> None:
        environment = self._ready(self.backend.environment(self.given))
        environment.start(Restart(environment=environment, request_id=self.request_id))

    def swap_environment_cnames(self) -> None:
        one, other = (
            self._ready(self.backend.environment({name: value for name, value in named.items() if value}))
            for named in (
                {key: self.given.get(f"{side}{key}") for key in ("EnvironmentName", "EnvironmentId")}
                for side in ("Source", "Destination")
            )
        )
        one.start(Swap(environment=one, request_id=self.request_id, other=other))

    def update_tags_for_resource(self) -> None:
        """Of an environment, that is an update like others."""
        arn = self.given["ResourceArn"]
        found = self.backend.resource(arn)
        if isinstance(found, Environment):
            self._ready(found)
        self.backend.tag(arn, self.given.get("TagsToAdd", ()), self.given.get("TagsToRemove", ()))
        if isinstance(found, Environment):
            found.start(TagUpdate(environment=found, request_id=self.request_id))

    def list_tags_for_resource(self) -> object:
        arn = self.given["ResourceArn"]
        self.backend.resource(arn)
        tags = self.backend.tags.get(arn, {})
        return {"ResourceArn": arn, "ResourceTags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)]}

    def check_dns_availability(self) -> object:
        cname = f"{self.given['CNAMEPrefix']}.{self.backend.region_name}.elasticbeanstalk.com".lower()
        taken = any(each.cname == cname for each in self.backend.environments.values())
        return {"Available": not taken, "FullyQualifiedCNAME": cname}

    def describe_environment_resources(self) -> object:
        environment = self.backend.environment(self.given)
        resources = {
            "EnvironmentName": environment.name,
            "AutoScalingGroups": [{"Name": environment.group_name}],
            "Instances": [{"Id": instance.id} for instance in environment.instances],
            "LaunchConfigurations": [],
            "LaunchTemplates": [{"Id": f"lt-{environment.id[2:]}"}],
            "LoadBalancers": [] if environment.single else [{"Name": environment.load_balancer_name}],
            "Triggers": [],
            "Queues": [],
        }
        return {"EnvironmentResources": resources}

    def _ready(self, environment: Environment) -> Environment:
        self._must_be(environment.status == "Ready", environment, "Ready")
        return environment

    def abort_environment_update(self) -> None:
        environment = self.backend.environment(self.given)
        self._must_be(environment.abortable_operation_in_progress, environment, "pending deployment")
        if environment.update is not None:
            environment.update.abort()

    @staticmethod
    def _must_be(state: bool, environment: Environment, needed: str) -> None:
        if not state:
            text = f"Environment named {environment.name} is in an invalid state for this operation."
            raise InvalidParameterValue(f"{text} Must be {needed}.")

    def describe_events(self) -> object:
        """`Severity` is that level or a higher one; StartTime is inclusive, EndTime exclusive."""
        start, end = (self.given.get(name, bound).replace(tzinfo=UTC) for name, bound in EVER.items())
        levels = SEVERITIES[SEVERITIES.index(self.given.get("Severity", "TRACE")) :]
        told = [e for e in self.backend.told() if start <= e.event_date < end and e.severity in levels]
        return self._page("Events", matching(told, self.given), MOST_EVENTS)

    def describe_environment_health(self) -> object:
        environment = self._enhanced("DescribeEnvironmentHealth")
        statuses = Counter(of_instance(environment, each).status for each in environment.instances)
        counted = {name: statuses[name] for name in ("NoData", "Unknown", "Pending", "Ok", "Info", *BAD)}
        report = {
            "EnvironmentName": environment.name,
            "Status": environment.status,
            "InstancesHealth": counted,
            "RefreshedAt": environment.now(),
        }
        return self._asked(report, environment.reported or Health("Unknown"), environment.instances)

    def describe_instances_health(self) -> object:
        environment = self._enhanced("DescribeInstancesHealth")
        listed = []
        for instance in environment.instances:
            report = {
                "InstanceId": instance.id,
                "LaunchedAt": instance.launched_at,
                "System": table("defaults")["system"],
                "Deployment": instance.deployment,
                "AvailabilityZone": instance.availability_zone,
                "InstanceType": instance.type,
            }
            listed.append(self._asked(report, of_instance(environment, instance), [instance]))
        return {"InstanceHealthList": listed, "RefreshedAt": environment.now()}

    def _enhanced(self, action: str) -> Environment:
        environment = self.backend.environment(self.given)
        if not environment.enhanced:
            raise BeanstalkError("InvalidRequestException", f"{action} is not supported.")
        return environment

    def _asked(self, report: dict[str, Any], seen: Health, instances: Sequence[Instance]) -> dict[str, Any]:
        """The attributes that were asked for; without any, only the name or id, which comes first.

        The metrics are ten seconds of nothing but the load balancer's own checks.
        """
        served = [instance for instance in instances if instance.in_service]
        well = sum(instance.answers for instance in served)
        statuses = {"Status2xx": well, "Status3xx": 0, "Status4xx": len(served) - well, "Status5xx": 0}
        metrics = {"Duration": 10, "RequestCount": len(served), "StatusCodes": statuses}
        metrics["Latency"] = table("defaults")["latency"]
        whole = report | {"HealthStatus": seen.status, "Color": seen.color, "Causes": seen.causes}
        whole["ApplicationMetrics"] = metrics
        asked = {next(iter(report)), *self.given.get("AttributeNames", ())}
        return whole if "All" in asked else {name: whole[name] for name in whole if name in asked}

    def describe_configuration_settings(self) -> object:
        self.backend.application(self.given["ApplicationName"])
        if "TemplateName" in self.given and "EnvironmentName" in self.given:
            raise InvalidParameterCombination("Only one of TemplateName and EnvironmentName can be given.")
        if "TemplateName" in self.given:
            raise InvalidParameterValue(f"No Configuration Template named '{self.given['TemplateName']}' found.")
        environment = self.backend.environment(self.given)
        sets = {"deployed": environment.settings} | dict([environment.draft] if environment.draft else [])
        about = vars(environment) | {"EnvironmentName": environment.name, "PlatformArn": environment.platform_arn}
        described = [(status, options.listed(settings, environment.tier["Name"])) for status, settings in sets.items()]
        return {"ConfigurationSettings": [about | {"DeploymentStatus": s, "OptionSettings": o} for s, o in described]}

    def validate_configuration_settings(self) -> object:
        """Without the prefix that the same text has as an error."""
        self.backend.application(self.given["ApplicationName"])
        messages = []
        for setting in self.given["OptionSettings"]:
            try:
                options.checked(setting)
            except ConfigurationValidationException as error:
                text = error.message.removeprefix("Configuration validation exception: ")
                about = {"Namespace": setting.get("Namespace"), "OptionName": setting.get("OptionName")}
                messages.append({"Message": text, "Severity": "error", **about})
        return {"Messages": messages}

    def delete_environment_configuration(self) -> None:
        environment = self.backend.environment(self.given)
        if environment.draft is not None and environment.draft[0] == "failed":
            environment.draft = None

    def list_available_solution_stacks(self) -> object:
        return {"SolutionStacks": platforms.STACKS, "SolutionStackDetails": SOLUTION_STACK_DETAILS}

    def list_platform_branches(self) -> object:
        """Filters are not applied: few branches are known here."""
        return {"PlatformBranchSummaryList": platforms.branches()}

    def describe_platform_version(self) -> object:
        stack, now = platforms.solution_stack(self.given), self.backend.service.now()
        described = platforms.described(stack, self.backend.region_name)
        return {"PlatformDescription": {**described, "DateCreated": now, "DateUpdated": now}}

    def describe_configuration_options(self) -> object:
        stack = None
        if "EnvironmentName" in self.given:
            stack = self.backend.environment(self.given).solution_stack_name
        elif "SolutionStackName" in self.given or "PlatformArn" in self.given:
            stack = platforms.solution_stack(self.given)
        return {"SolutionStackName": stack, "Options": options.described(self.given.get("Options", ()))}

    def describe_account_attributes(self) -> object:
        quotas = self.backend.quotas | {"ApplicationVersionQuota": self._version_quota()}
        return {"ResourceQuotas": {name: {"Maximum": most} for name, most in quotas.items()}}

    def _version_quota(self) -> int:
        """The fault leaves room for none."""
        full = self.backend.service.faults.strikes("quota-full") is not None
        return len(self.backend.versions()) if full else self.backend.quotas["ApplicationVersionQuota"]

    def create_storage_location(self) -> object:
        return {"S3Bucket": self.backend.create_bucket()}

    def _page(self, name: str, found: list[Any], most: int | None = None) -> object:
        """A NextToken says how much is left, so that what is newer, and comes first, shifts no page.

        As in AWS, all other parameters have to stay the same. Without MaxRecords and `most` all comes at once.
        """
        left = len(found)
        if "NextToken" in self.given:
            try:
                left = int(base64.b64decode(self.given["NextToken"]))
            except ValueError:
                raise InvalidParameterValue("The NextToken is not valid.") from None
        rest = found[max(0, len(found) - left) :]
        page = rest[: self.given.get("MaxRecords", most)]
        left = len(rest) - len(page)
        return {name: page, "NextToken": base64.b64encode(str(left).encode()).decode() if left else None}
