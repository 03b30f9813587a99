"""`python trim.py FOLDER` deletes the parts of the installed packages that Wardrop's functions do not use."""

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

SERVICES = ("cloudwatch", "dynamodb", "elasticbeanstalk", "lambda", "s3", "secretsmanager", "sns", "sqs", "ssm")
"""The AWS services that aws/clients.py uses. A test checks that it uses exactly these services."""

SHARED = ("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json")
"""The files that botocore reads for every service."""

UNUSED = (
    "_yaml",
    "aws_lambda_powertools/event_handler",
    "bin",
    "slack",
    "slack_sdk/audit_logs",
    "slack_sdk/oauth",
    "slack_sdk/rtm",
    "slack_sdk/rtm_v2",
    "slack_sdk/scim",
    "slack_sdk/socket_mode",
    "yaml/_yaml.*.so",  # Wardrop limits PyYAML's loaders in Python, and cannot limit those in C
    "**/*.pyi",
    "botocore/data/*/*/examples-1.json*",
)
UTILITIES = ("__init__.py", "jmespath_utils", "typing")
"""The parts of aws_lambda_powertools/utilities that are kept.

The Logger imports some of them. The others define the types of the arguments of Lambda functions.
"""


def trim(folder: Path) -> None:
    """Raises FileNotFoundError if a listed part is missing.

    In that case, the package has changed, and the lists above must be checked.
    """
    _keep_only(folder / "botocore/data", [*SERVICES, *SHARED])
    _keep_only(folder / "aws_lambda_powertools/utilities", UTILITIES)
    for pattern in UNUSED:
        if not (paths := list(folder.glob(pattern))):
            raise FileNotFoundError(folder / pattern)
        _delete(paths)


def _keep_only(folder: Path, names: Iterable[str]) -> None:
    if missing := set(names) - {path.name for path in folder.iterdir()}:
        raise FileNotFoundError(f"{folder} has no {', '.join(sorted(missing))}")
    _delete([path for path in folder.iterdir() if path.name not in names])


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
