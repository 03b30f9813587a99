"""Runs `make deploy`. It reads the make variables from the environment, so that quotes in values need no escaping."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from installation.account import Account
from installation.declarations import template_of
from installation.findings import described, refusal
from installation.install import REFUSED, Install, Request, Tools
from installation.parameters import NotPairs, pairs_of
from installation.reach import explanation
from installation.stacks import stack_name
from installation.terminal import Terminal

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})


def main() -> int:
    try:
        return _install()
    except NotPairs as error:
        example = "make deploy PARAMETERS='Applications=shop AlertEmail=ops@example.com'"
        print(described(refusal("parameters", str(error), f"For example: {example}")), file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(described(explanation(error)), file=sys.stderr)
    except (EOFError, KeyboardInterrupt):
        print("\nNothing was changed.", file=sys.stderr)
    return REFUSED


def _install() -> int:
    given = pairs_of(os.environ.get("PARAMETERS", ""))
    if architecture := os.environ.get("ARCHITECTURE"):
        given.setdefault("Architecture", architecture)
    session: Any = boto3.session.Session()
    if not session.region_name:
        raise NoRegionError
    request = Request(
        stack=os.environ.get("STACK") or stack_name(os.environ.get("STAGE", "")),
        region=session.region_name,
        given=given,
        adopted=pairs_of(os.environ.get("ADOPT", "")),
        allowed=frozenset(os.environ.get("ALLOW", "").replace(",", " ").split()),
    )
    tools = Tools(
        run=lambda command: subprocess.run(command, cwd=ROOT, check=False).returncode,
        write=lambda text: print(text, flush=True),
        terminal=Terminal(input, print) if sys.stdin.isatty() and sys.stdout.isatty() else None,
        sam=str(Path(sys.executable).with_name("sam")),
        root=ROOT,
    )
    account = Account(lambda service: session.client(service, config=PATIENCE))
    return Install(account, template_of((ROOT / "template.yaml").read_text()), tools)(request)


if __name__ == "__main__":
    sys.exit(main())
