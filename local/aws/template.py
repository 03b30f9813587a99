"""Reads the project's template: SAM's translator expands it, and `Resolver` evaluates its intrinsic functions."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from local.settings import ACCOUNT, PARTITION, REGION, ROOT, STACK, CannotStart

NO_VALUE = object()
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": NO_VALUE,
    "AWS::Partition": PARTITION,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::Region": REGION,
    "AWS::StackName": STACK,
}
CODE = "s3://local/"
"""The prefix of code locations in the expanded template. The code's folder follows, relative to the template."""


def expanded(path: Path, parameters: dict[str, str]) -> dict[str, Any]:
    """Returns the template after SAM's transform, as CloudFormation processes it.

    SAM's translator runs in another process, because importing it takes longer than everything else at the start. The
    result is stored in `build/` for the next start, in a file whose name depends on all inputs.
    """
    try:
        inputs = path.read_bytes() + json.dumps(parameters).encode() + version("aws-sam-translator").encode()
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}") from error
    cached = ROOT / "build" / f"expanded-{hashlib.sha256(inputs).hexdigest()[:16]}.json"
    if not cached.exists():
        command = [sys.executable, "-m", "local.aws.template", str(path), json.dumps(parameters)]
        environment = {**os.environ, "AWS_DEFAULT_REGION": REGION}
        made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if made.returncode:
            raise CannotStart(f"the template cannot be expanded: {made.stderr.strip().splitlines()[-1]}")
        cached.parent.mkdir(exist_ok=True)
        half = cached.with_suffix(f".{os.getpid()}")
        half.write_text(made.stdout)
        half.rename(cached)
    template: dict[str, Any] = json.loads(cached.read_text())
    return template


def _expand(path: Path, parameters: dict[str, str]) -> dict[str, Any]:
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.yaml_helper import yaml_parse

    template = yaml_parse(path.read_text())
    resources = [resource.get("Properties") or {} for resource in template.get("Resources", {}).values()]
    for properties in [*resources, *template.get("Globals", {}).values()]:
        for uri in ("CodeUri", "ContentUri"):
            if isinstance(properties.get(uri), str):
                properties[uri] = CODE + properties[uri].strip("/")
    try:
        result: dict[str, Any] = Translator({}, Parser()).translate(template, parameters)
    except InvalidDocumentException as error:
        sys.exit("; ".join(cause.message for cause in error.causes))
    return result


def parameter_values(template: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    declared = template.get("Parameters", {})
    if unknown := given.keys() - declared.keys():
        raise CannotStart(f"the template has no parameter {', '.join(sorted(unknown))}")
    values = {}
    for name, declaration in declared.items():
        if name not in given and "Default" not in declaration:
            raise CannotStart(f"the template's parameter {name} needs a value")
        value = str(given.get(name, declaration.get("Default")))
        if not re.fullmatch(declaration.get("AllowedPattern", "(?s:.*)"), value):
            raise CannotStart(f"{name}={value} does not match {declaration['AllowedPattern']}")
        if "AllowedValues" in declaration and value not in map(str, declaration["AllowedValues"]):
            raise CannotStart(f"{name}={value} is not one of {declaration['AllowedValues']}")
        values[name] = value
    return values


class Resolver:
    """Evaluates the intrinsic functions of CloudFormation that the template uses."""

    def __init__(
        self,
        template: dict[str, Any],
        parameters: dict[str, str],
        reference: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
        pseudo: Mapping[str, Any] = PSEUDO,
    ) -> None:
        self._conditions = template.get("Conditions", {})
        self._names = {**pseudo, **parameter_values(template, parameters)}
        self._reference = reference
        self._attribute = attribute

    def holds(self, condition: str) -> bool:
        return bool(self(self._conditions[condition]))

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
        match name:
            case "Ref":
                return self._names[argument] if argument in self._names else self._reference(argument)
            case "Fn::GetAtt":
                return self._attribute(*argument)
            case "Fn::Sub":
                return self._substitute(*(argument if isinstance(argument, list) else (argument, {})))
            case "Fn::Select":
                index, values = argument
                return self(values)[int(index)]
            case "Fn::Split":
                delimiter, text = argument
                return self(text).split(delimiter)
            case "Fn::If":
                return self(argument[1] if self.holds(argument[0]) else argument[2])
            case "Fn::Equals":
                left, right = self(argument)
                return str(left) == str(right)
            case "Fn::Split":
                return str(self(argument[1])).split(argument[0])
            case "Fn::Join":
                return argument[0].join(map(str, self(argument[1])))
            case "Fn::Not":
                return not self(argument[0])
            case "Fn::And":
                return all(map(self, argument))
            case "Fn::Or":
                return any(map(self, argument))
            case "Condition":
                return self.holds(argument)
        raise CannotStart(f"the template uses {name}, which is not supported here")

    def _substitute(self, text: str, variables: dict[str, Any]) -> str:
        def replacement(match: re.Match[str]) -> str:
            name = match[1]
            if name in variables:
                return str(self(variables[name]))
            return str(self._attribute(*name.split(".", 1)) if "." in name else self._apply("Ref", name))

        return re.sub(r"\$\{([^}]+)\}", replacement, text)


if __name__ == "__main__":
    print(json.dumps(_expand(Path(sys.argv[1]), json.loads(sys.argv[2]))))
