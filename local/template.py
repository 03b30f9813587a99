"""The project's template: SAM's own translator expands it, and a small resolver stands for CloudFormation."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from local.settings import ACCOUNT, PARTITION, REGION, ROOT, STACK, CannotStart

NO_VALUE = object()
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": NO_VALUE,
    "AWS::Partition": PARTITION,
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/local",
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
}
CODE = "s3://local/"
"""Where the translator is told that code lies; what follows is the folder, relative to the template."""


class Expansion:
    """The template expanded, by a process of its own: importing the translator takes longer than all the rest.

    The outcome is kept in `build/` for the next start, under a name made from all that it depends on.
    """

    def __init__(self, path: Path, parameters: dict[str, str]) -> None:
        try:
            known = path.read_bytes() + json.dumps(parameters).encode() + version("aws-sam-translator").encode()
        except OSError as error:
            raise CannotStart(f"{path} cannot be read: {error.strerror}") from error
        self._kept = ROOT / "build" / f"expanded-{hashlib.sha256(known).hexdigest()[:16]}.json"
        self._process = None
        if not self._kept.exists():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.template", str(path), json.dumps(parameters), str(self._kept)],
                stderr=subprocess.PIPE,
                cwd=ROOT,
                env={**os.environ, "AWS_DEFAULT_REGION": REGION},
                text=True,
            )

    def result(self) -> dict[str, Any]:
        if self._process and (said := self._process.communicate()[1].strip()):
            raise CannotStart(f"the template cannot be expanded: {said.splitlines()[-1]}")
        expanded: dict[str, Any] = json.loads(self._kept.read_text())
        return expanded


def expand(path: Path, parameters: dict[str, str]) -> dict[str, Any]:
    """The template as CloudFormation would get it."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.yaml_helper import yaml_parse

    template = yaml_parse(path.read_text())
    resources = template.get("Resources", {}).values()
    for properties in [
        *(resource.get("Properties") or {} for resource in resources),
        *template.get("Globals", {}).values(),
    ]:
        for uri in ("CodeUri", "ContentUri"):
            if isinstance(properties.get(uri), str):
                properties[uri] = CODE + properties[uri].strip("/")
    given = parameter_values(template, parameters)
    expanded: dict[str, Any] = Translator({}, Parser()).translate(template, given)
    return expanded


def parameter_values(template: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    declared = template.get("Parameters", {})
    if unknown := given.keys() - declared.keys():
        raise CannotStart(f"the template has no parameter {', '.join(sorted(unknown))}")
    values = {}
    for name, declaration in declared.items():
        value = str(given.get(name, declaration.get("Default", NO_VALUE)))
        if name not in given and "Default" not in declaration:
            raise CannotStart(f"the template's parameter {name} needs a value")
        if not re.fullmatch(declaration.get("AllowedPattern", "(?s:.*)"), value):
            raise CannotStart(f"{name}={value} does not match {declaration['AllowedPattern']}")
        if "AllowedValues" in declaration and value not in map(str, declaration["AllowedValues"]):
            raise CannotStart(f"{name}={value} is not one of {declaration['AllowedValues']}")
        values[name] = value
    return values


class Resolver:
    """CloudFormation's intrinsic functions; a resource is made when something first refers to it."""

    def __init__(
        self,
        template: dict[str, Any],
        parameters: dict[str, str],
        reference: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
    ) -> None:
        self._template = template
        self._names = {**PSEUDO, **parameter_values(template, parameters)}
        self._reference = reference
        self._attribute = attribute

    def holds(self, condition: str) -> bool:
        return bool(self(self._template["Conditions"][condition]))

    def __call__(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for item in map(self, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref" or name.startswith("Fn::") or (name == "Condition" and isinstance(argument, str)):
                return self._apply(name, argument)
        resolved = {key: self(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def _apply(self, name: str, argument: Any) -> Any:
        match name.removeprefix("Fn::"):
            case "Ref":
                return self._names[argument] if argument in self._names else self._reference(argument)
            case "Condition":
                return self.holds(argument)
            case "GetAtt":
                resource, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
                return self._attribute(resource, attribute)
            case "Sub":
                return self._substitute(*(argument if isinstance(argument, list) else (argument, {})))
            case "If":
                return self(argument[1] if self.holds(argument[0]) else argument[2])
            case "Equals":
                left, right = self(argument)
                return str(left) == str(right)
            case "Not":
                return not self(argument[0])
            case "And":
                return all(map(self, argument))
            case "Or":
                return any(map(self, argument))
            case "Join":
                separator, parts = self(argument)
                return separator.join(map(str, parts))
            case "Split":
                separator, text = self(argument)
                return text.split(separator)
            case "Select":
                index, items = self(argument)
                return items[int(index)]
            case "FindInMap":
                mapping, first, second = self(argument)
                return self._template["Mappings"][mapping][first][second]
        raise CannotStart(f"the template uses {name}, which the stand-in does not know")

    def _substitute(self, text: str, variables: dict[str, Any]) -> str:
        def replacement(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in variables:
                return str(self(variables[name]))
            return str(self._apply("GetAtt", name) if "." in name else self._apply("Ref", name))

        return re.sub(r"\$\{([^}]+)\}", replacement, text)


def main(path: Path, parameters: dict[str, str], kept: Path) -> None:
    from samtranslator.model.exceptions import InvalidDocumentException

    try:
        text = json.dumps(expand(path, parameters))
    except InvalidDocumentException as error:
        sys.exit("; ".join(cause.message for cause in error.causes))
    except (CannotStart, yaml.YAMLError) as error:
        sys.exit(str(error))
    kept.parent.mkdir(exist_ok=True)
    half = kept.with_suffix(f".{os.getpid()}")
    half.write_text(text)
    half.rename(kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3]))
