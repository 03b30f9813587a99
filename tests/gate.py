"""`python -m tests.gate` checks whether CloudFormation would accept template.yaml. It makes no call to AWS.

SAM's translator expands the template, and cfn-lint checks the result. `sam validate` uses the same translator, and
cfn-lint alone does not look into AWS::Serverless resources. Both find nothing more, except for a duplicate key, which
cfn-lint finds in the text.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor

TEMPLATE = Path(__file__).resolve().parents[1] / "template.yaml"
REGION = "us-east-1"
CODE = "s3://placeholder-bucket/key"
"""A URI that replaces the folders that `sam build` would upload."""


class _Loader(yaml.CSafeLoader):
    """Reads what SAM's own loader reads, but is written in C."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


class CannotExpand(Exception):
    """The translator refuses the template. Each argument is a reason."""


def expand(text: str) -> dict[str, Any]:
    """The template that CloudFormation would get. Raises CannotExpand."""
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    template = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    for resource in template["Resources"].values():
        for uri in {"CodeUri", "ContentUri"} & (resource.get("Properties") or {}).keys():
            resource["Properties"][uri] = CODE
    defaults = {
        name: declared["Default"] for name, declared in template.get("Parameters", {}).items() if "Default" in declared
    }
    try:
        expanded: dict[str, Any] = Translator({}, Parser()).translate(template, defaults)
    except InvalidDocumentException as error:
        raise CannotExpand(*(cause.message for cause in error.causes)) from error
    return expanded


def faults(text: str) -> list[str]:
    """The faults of the template, one line each."""
    from cfnlint.api import ManualArgs, lint
    from cfnlint.decode import decode_str

    _, unreadable = decode_str(text)
    if unreadable:
        return [f"line {one.linenumber}: {one.message}" for one in unreadable]
    try:
        expanded = json.dumps(expand(text))
    except CannotExpand as refusal:
        return [str(reason) for reason in refusal.args]
    found = lint(expanded, config=ManualArgs(regions=[REGION]))
    return [f"{one.rule.id} {'/'.join(map(str, getattr(one, 'path', None) or []))}: {one.message}" for one in found]


def main() -> None:
    began = time.monotonic()
    if found := faults(TEMPLATE.read_text()):
        sys.exit("\n".join(f"{TEMPLATE.name}: {fault}" for fault in found))
    sys.stdout.write(f"{TEMPLATE.name}: sound ({time.monotonic() - began:.1f} s)\n")


if __name__ == "__main__":
    main()
