"""Measures the processor time of each function's cold start.

A cold start imports app.py and builds the parts of the wiring that the handler uses. Its processor time is compared
with that of a program that only creates the same clients with boto3.
"""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.figure import Figure

RUNS, WARM_UP_RUNS, IMPORT_LIMIT = 15, 1, 0.7
"""WARM_UP_RUNS is the number of runs before the measurement. They compile the sources that are imported.

The measured runs then import compiled modules, as a function in Lambda does from its layers.
"""

VARIABLES = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "STACK_NAME": "bench",
    "ALERT_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:bench",
    "APPLICATIONS": "*",
    "CHECK_FUNCTIONS": "",
    "CLEAN_VERSIONS": "clean-versions",
    "CONFIGURATION_PATH": "/bench/applications",
    "DEAD_LETTERS_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dead-letters",
    "DROP_BUCKET": "drops",
    "SWEEP_AFTER_SECONDS": "300",
    "DROPS_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/drops",
    "DROP_PREFIX": "",
    "GUARD_REQUESTS_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/guard",
    "LEDGER_TABLE": "ledger",
    "MAILBOX_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/mailbox.fifo",
    "OWN_ALARMS": "DropsDead",
    "PARTITION": "aws",
    "RELEASE_BUCKET": "releases",
    "BEANSTALK_BUCKET": "elasticbeanstalk-us-east-1-123456789012",
    "SETTLE_SECONDS": "3",
    "SLACK_CHANNEL": "C0123456789",
    "SLACK_POSTS_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/slack-posts.fifo",
    "SLACK_SECRET": "arn:aws:secretsmanager:us-east-1:123456789012:secret:slack",
}
"""The variables that template.yaml gives to the functions."""

CLOCK = "import time; times.append(time.process_time())"
LIST_CLIENTS = """
import json
from botocore.session import Session
services, make_client = [], Session.create_client
def list_client(session, service, *arguments, **options):
    services.append(service)
    return make_client(session, service, *arguments, **options)
Session.create_client = list_client
"""


@dataclass(frozen=True)
class Function:
    name: str
    first_use: tuple[str, ...]
    """The expressions that create the objects that the handler needs. `app` is the imported app.py."""

    root: Path = Path()
    """The folder of the project that contains the function."""

    folders: tuple[str, ...] = ()
    """The folders of the function's built code and of its layers. If there are none, the sources are used."""

    @property
    def path(self) -> str:
        return os.pathsep.join(self.folders or (f"functions/{self.name}", "layers/wardrop"))

    @property
    def import_app(self) -> str:
        return "import app"

    @property
    def build(self) -> str:
        return "\n".join(self.first_use)


def figures() -> Iterator[Figure]:
    """Measures code that `make build` has built for this machine, because Lambda runs built code."""
    subprocess.run(["make", ".aws-sam/of-this-machine"], stdout=subprocess.DEVNULL, check=True)
    for app in sorted(Path("functions").glob("*/app.py")):
        name = "".join(word.capitalize() for word in app.parent.name.split("_"))
        folders = (name, "WardropLayer/python", "DependenciesLayer/python")
        built = tuple(f".aws-sam/build/{folder}" for folder in folders)
        yield from measure(Function(app.parent.name, _taken_from_wiring(app), folders=built))


def measure(function: Function) -> Iterator[Figure]:
    services = _clients(function)
    boto3_alone = "import boto3\n" + "\n".join(f"boto3.client({service!r})" for service in services)
    runs = [
        (
            _milliseconds(function, "pass"),
            _milliseconds(function, boto3_alone),
            _milliseconds(function, function.import_app, function.build),
        )
        for _ in range(RUNS + WARM_UP_RUNS)
    ][WARM_UP_RUNS:]
    ratios = sorted((built - bare) / (alone - bare) for [bare], [alone], [_, built] in runs)
    imported = median(imported - bare for [bare], _, [imported, _] in runs)
    built = median(built - imported for _, _, [imported, built] in runs)
    alone = median(alone - bare for [bare], [alone], _ in runs)
    note = (
        f"{imported:.0f} ms to import and {built:.0f} ms to build, boto3 alone {alone:.0f} ms ({', '.join(services)})"
    )
    imports = sorted((imported - bare) / (alone - bare) for [bare], [alone], [imported, _] in runs)
    what = f"cold start of {function.name}, compared with boto3 and the same clients"
    yield Figure(what, median(ratios), 1.25, "×", len(ratios), (ratios[0], ratios[-1]), note)
    yield Figure("  its imports alone", median(imports), IMPORT_LIMIT, "×", len(imports), (imports[0], imports[-1]))


def _taken_from_wiring(app: Path) -> tuple[str, ...]:
    """Returns the attributes of `wiring` that the handler reads, as expressions."""
    [handler] = [
        node for node in ast.parse(app.read_text()).body if isinstance(node, ast.FunctionDef) and node.name == "handler"
    ]
    attributes = [node for node in ast.walk(handler) if isinstance(node, ast.Attribute)]
    taken = sorted(f"app.{ast.unparse(node)}" for node in attributes if ast.unparse(node.value) == "wiring")
    if not taken:
        raise RuntimeError(f"the handler in {app} reads no attribute of `wiring`, so its cold start cannot be measured")
    return tuple(taken)


def _clients(function: Function) -> list[str]:
    """Returns the service of each client that the cold start creates. Several clients may have the same service."""
    program = "\n".join((LIST_CLIENTS, function.import_app, function.build, "print(json.dumps(services))"))
    services: list[str] = json.loads(_output(function, program))
    return services


def _milliseconds(function: Function, *steps: str) -> list[float]:
    """Measures the processor time of a process from its start to the end of each step."""
    program = "\n".join(("times = []", *(f"{step}\n{CLOCK}" for step in steps), "print(times)"))
    seconds: list[float] = json.loads(_output(function, program))
    return [1000 * value for value in seconds]


def _output(function: Function, program: str) -> str:
    environment = (
        os.environ
        | VARIABLES
        | {
            "PYTHONDONTWRITEBYTECODE": "",  # Lambda imports compiled modules, too
            "PYTHONPATH": function.path,
        }
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=function.root,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout
