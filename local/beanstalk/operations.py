"""The API's operations, but for how they go over the wire."""

import base64
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.elasticbeanstalk.responses import SOLUTION_STACK_DETAILS

from . import bundles, options
from .deployments import ApplicationDeployment
from .environments import Environment, Instance, platform
from .events import SEVERITIES
from .exceptions import (
    BeanstalkError,
    ConfigurationValidationException,
    InvalidParameterCombination,
    InvalidParameterValue,
)
from .health import BAD, Health, of_instance
from .maintenance import Restart, Swap, TagUpdate, Termination
from .models import ApplicationVersion, ElasticBeanstalkBackend, matching
from .options import Given
from .tables import table
from .updates import ConfigurationUpdate, Creation

PROCESSING_SECONDS = 10
LINGERS = 3600
"""Seconds for which a terminated environment is still listed; reported, not documented."""

MOST_TAGS = 50
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
        environment = self.backend.add_environment(self.given)
        environment.start(Creation(environment=environment, request_id=self.request_id, version=version))
        return environment.requested(label)

    def describe_environments(self) -> object:
        """Those that were terminated linger for an hour, unless IncludeDeleted says no."""
        seen = [environment.seen() for environment in reversed(self.backend.environments.values())]
        if self.given.get("IncludeDeleted", True):
            since = self.backend.service.clock.seconds_since
            seen += [each for each in reversed(self.backend.terminated) if since(each.date_updated) < LINGERS]
        return self._page("Environments", matching(seen, self.given))

    def update_environment(self) -> object:
        given, environment = self.given, self.backend.environment(self.given)
        label = given.get("VersionLabel")
        version = self.backend.version(environment.application_name, label) if label is not None else None
        stack = self.backend.solution_stack(given, environment.solution_stack_name)
        self._must_be(environment.status == "Ready", environment, "Ready")
        if given.get("Tier", environment.tier).get("Name") != environment.tier["Name"]:
            raise InvalidParameterValue("The tier of an environment cannot be changed.")  # the wording is unknown
        changes = options.changes(given, environment.settings)
        balancer = (options.ENVIRONMENT, "LoadBalancerType")
        if changes.get(balancer, environment.settings[balancer]) != environment.settings[balancer]:
            raise ConfigurationValidationException("LoadBalancer type option cannot be changed.")
        environment.description = given.get("Description", environment.description)
        about: dict[str, Any] = {"environment": environment, "request_id": self.request_id, "changes": changes}
        if version is not None:
            environment.start(ApplicationDeployment(**about, version=version))
        else:
            environment.start(ConfigurationUpdate(**about, solution_stack_name=stack))
        return environment.requested(label or environment.version_label)

    def terminate_environment(self) -> object:
        environment = self.backend.environment(self.given)
        if environment.status != "Ready":
            text = f"Cannot terminate environment named {environment.name}. It is currently pending deployment."
            raise InvalidParameterValue(text)
        environment.start(Termination(environment=environment, request_id=self.request_id))
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
        if isinstance(found := self.backend.resource(arn), Environment):
            self._ready(found).start(TagUpdate(environment=found, request_id=self.request_id))
        tags = self.backend.tags.setdefault(arn, {})
        tags |= {tag["Key"]: tag.get("Value", "") for tag in self.given.get("TagsToAdd", ())}
        if len(tags) > MOST_TAGS:
            raise BeanstalkError("TooManyTagsException", f"A resource can have at most {MOST_TAGS} tags.")
        for key in self.given.get("TagsToRemove", ()):
            tags.pop(key, None)

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
        stack = f"awseb-{environment.id}-stack"
        resources = {
            "EnvironmentName": environment.name,
            "AutoScalingGroups": [{"Name": f"{stack}-AWSEBAutoScalingGroup-{environment.id[2:].upper()}"}],
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
        told = [e for e in reversed(self.backend.events) if start <= e.event_date < end and e.severity in levels]
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

    def _asked(self, report: dict[str, Any], seen: Health, instances: list[Instance]) -> dict[str, Any]:
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
        described = [(status, options.listed(settings)) for status, settings in sets.items()]
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
        stacks = [details["SolutionStackName"] for details in SOLUTION_STACK_DETAILS]
        return {"SolutionStacks": stacks, "SolutionStackDetails": SOLUTION_STACK_DETAILS}

    def list_platform_branches(self) -> object:
        """Filters are not applied: few branches are known here."""
        names = dict.fromkeys(_branch(details["SolutionStackName"]) for details in SOLUTION_STACK_DETAILS)
        listed = [
            {
                "PlatformName": name.split(" running on ")[0].split(" ")[0],
                "BranchName": name,
                "LifecycleState": "Supported",
                "BranchOrder": order,
                "SupportedTierList": ["WebServer/Standard", "Worker/SQS/HTTP"],
            }
            for order, name in enumerate(names, start=1)
        ]
        return {"PlatformBranchSummaryList": listed}

    def describe_platform_version(self) -> object:
        stack = self.backend.solution_stack(self.given)
        name, now = platform(stack), self.backend.service.now()
        branch = _branch(stack)
        described = {
            "PlatformArn": f"arn:aws:elasticbeanstalk:{self.backend.region_name}::platform/{name}",
            "PlatformOwner": "AWSElasticBeanstalk",
            "PlatformName": branch,
            "PlatformVersion": name.rpartition("/")[2],
            "SolutionStackName": stack,
            "PlatformStatus": "Ready",
            "DateCreated": now,
            "DateUpdated": now,
            "PlatformCategory": "Java",
            "SupportedTierList": ["WebServer/Standard", "Worker/SQS/HTTP"],
            "SupportedAddonList": ["Log/S3", "Monitoring/Healthd", "WorkerDaemon/SQSD"],
            "PlatformLifecycleState": "Recommended",
            "PlatformBranchName": branch,
            "PlatformBranchLifecycleState": "Supported",
        }
        return {"PlatformDescription": described}

    def describe_configuration_options(self) -> object:
        stack = None
        if "EnvironmentName" in self.given:
            stack = self.backend.environment(self.given).solution_stack_name
        elif "SolutionStackName" in self.given or "PlatformArn" in self.given:
            stack = self.backend.solution_stack(self.given)
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


def _branch(stack: str) -> str:
    return platform(stack).rpartition("/")[0]
