"""Operations on settings, options and platforms."""

from local.beanstalk import bundles, options, platforms
from local.beanstalk.exceptions import ConfigurationValidationException, InvalidParameterCombination
from local.beanstalk.versions import Template

from .request import Request


class Configurations(Request):
    def describe_configuration_settings(self) -> object:
        self.backend.application(self.given["ApplicationName"])
        if "TemplateName" in self.given and "EnvironmentName" in self.given:
            raise InvalidParameterCombination("Only one of TemplateName and EnvironmentName can be given.")
        if "TemplateName" in self.given:
            template = self.backend.template(self.given["ApplicationName"], self.given["TemplateName"])
            listed = options.listed(options.defaults() | template.settings, "WebServer")
            return {"ConfigurationSettings": [self._saved(template) | {"OptionSettings": listed}]}
        environment = self.backend.environment(self.given)
        sets = {"deployed": environment.deployed_settings} | dict([environment.draft] if environment.draft else [])
        about = vars(environment) | {"EnvironmentName": environment.name, "PlatformArn": environment.platform_arn}
        described = [(status, options.listed(settings, environment.tier["Name"])) for status, settings in sets.items()]
        return {"ConfigurationSettings": [about | {"DeploymentStatus": s, "OptionSettings": o} for s, o in described]}

    def create_configuration_template(self) -> object:
        return self._saved(self.backend.add_template(self.given))

    def update_configuration_template(self) -> object:
        template = self.backend.template(self.given["ApplicationName"], self.given["TemplateName"])
        template.settings = options.Configuration(template.settings).changed(self.given).explicit
        template.description = self.given.get("Description", template.description)
        template.date_updated = self.backend.service.now()
        self.backend.save(template)
        return self._saved(template)

    def delete_configuration_template(self) -> None:
        template = self.backend.template(self.given["ApplicationName"], self.given["TemplateName"])
        self.backend.tags.pop(template.arn, None)
        bundles.storage(self.backend.account_id).delete_object(self.backend.bucket, template.key)
        del self.backend.applications[template.application_name].templates[template.template_name]

    def _saved(self, template: Template) -> dict[str, object]:
        platform = platforms.described(template.solution_stack_name, self.backend.region_name)
        return vars(template) | {"PlatformArn": platform["PlatformArn"]}

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
        return {"SolutionStacks": platforms.STACKS, "SolutionStackDetails": platforms.PLATFORMS}

    def list_platform_branches(self) -> object:
        return self.page("PlatformBranchSummaryList", platforms.branches(self.given.get("Filters", ())))

    def list_platform_versions(self) -> object:
        versions = platforms.versions(self.backend.region_name, self.given.get("Filters", ()))
        return self.page("PlatformSummaryList", versions)

    def describe_platform_version(self) -> object:
        stack, now = platforms.solution_stack(self.given), self.backend.service.now()
        described = platforms.described(stack, self.backend.region_name)
        return {"PlatformDescription": {**described, "DateCreated": now, "DateUpdated": now}}
