"""Operations on settings, options and platforms."""

from moto.elasticbeanstalk.responses import SOLUTION_STACK_DETAILS

from local.beanstalk import options, platforms
from local.beanstalk.exceptions import (
    ConfigurationValidationException,
    InvalidParameterCombination,
    InvalidParameterValue,
)

from .request import Request


class Configurations(Request):
    def describe_configuration_settings(self) -> object:
        self.backend.application(self.given["ApplicationName"])
        if "TemplateName" in self.given and "EnvironmentName" in self.given:
            raise InvalidParameterCombination("Only one of TemplateName and EnvironmentName can be given.")
        if "TemplateName" in self.given:
            raise InvalidParameterValue(f"No Configuration Template named '{self.given['TemplateName']}' found.")
        environment = self.backend.environment(self.given)
        sets = {"deployed": environment.deployed_settings} | dict([environment.draft] if environment.draft else [])
        about = vars(environment) | {"EnvironmentName": environment.name, "PlatformArn": environment.platform_arn}
        described = [(status, options.listed(settings, environment.tier["Name"])) for status, settings in sets.items()]
        return {"ConfigurationSettings": [about | {"DeploymentStatus": s, "OptionSettings": o} for s, o in described]}

    def validate_configuration_settings(self) -> object:
        self.backend.application(self.given["ApplicationName"])
        messages = []
        for setting in self.given["OptionSettings"]:
            try:
                options.checked(setting)
            except ConfigurationValidationException as error:
                about = {"Namespace": setting.get("Namespace"), "OptionName": setting.get("OptionName")}
                messages.append({"Message": error.reason, "Severity": "error", **about})
        return {"Messages": messages}

    def delete_environment_configuration(self) -> None:
        environment = self.backend.environment(self.given)
        if environment.draft is not None and environment.draft[0] == "failed":
            environment.draft = None

    def describe_configuration_options(self) -> object:
        stack = None
        if "EnvironmentName" in self.given:
            stack = self.backend.environment(self.given).solution_stack_name
        elif "SolutionStackName" in self.given or "PlatformArn" in self.given:
            stack = platforms.solution_stack(self.given)
        return {"SolutionStackName": stack, "Options": options.described(self.given.get("Options", ()))}

    def list_available_solution_stacks(self) -> object:
        return {"SolutionStacks": platforms.STACKS, "SolutionStackDetails": SOLUTION_STACK_DETAILS}

    def list_platform_branches(self) -> object:
        """Returns all branches. Filters are ignored, because moto has few branches."""
        return {"PlatformBranchSummaryList": platforms.branches()}

    def describe_platform_version(self) -> object:
        stack, now = platforms.solution_stack(self.given), self.backend.service.now()
        described = platforms.described(stack, self.backend.region_name)
        return {"PlatformDescription": {**described, "DateCreated": now, "DateUpdated": now}}
