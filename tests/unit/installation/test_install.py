"""An installation against moto's account, with recorded commands instead of make and sam."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from installation.account import Account
from installation.declarations import template_of
from installation.install import REFUSED, Install, Request, Tools, faults_of_build
from installation.stacks import OUTPUTS
from installation.terminal import Terminal
from tests import gate

REGION = "us-east-1"
TEMPLATE = template_of(gate.TEMPLATE.read_text())


class Beanstalk:
    """The client of an account with one application. Moto's Beanstalk is not used, because other tests replace it."""

    def describe_applications(self) -> Any:
        return {"Applications": [{"ApplicationName": "shop"}]}

    def get_paginator(self, _operation: str) -> "Beanstalk":
        return self

    def paginate(self) -> Any:
        return [{"Environments": []}]


@pytest.fixture(autouse=True)
def account() -> Iterator[Account]:
    with mock_aws():
        yield Account(lambda service: Beanstalk() if service == "elasticbeanstalk" else boto3.client(service, REGION))


class Person:
    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)

    def ask(self, _question: str) -> str:
        return next(self._answers)


class Machine:
    """Records the programs that are run. `make build` notes the architecture, as the Makefile does."""

    def __init__(self, root: Path, person: Person | None = None, fails: str = "") -> None:
        self._root, self._fails = root, fails
        self.commands: list[list[str]] = []
        self.text = ""
        terminal = Terminal(person.ask, self._write) if person else None
        self.tools = Tools(self._run, self._write, terminal, "sam", root)

    def _write(self, text: str) -> None:
        self.text += f"{text}\n"

    def _run(self, command: Any) -> int:
        self.commands.append(list(command))
        if command[0] == "make":
            (self._root / ".aws-sam/build").mkdir(parents=True, exist_ok=True)
            (self._root / ".aws-sam/build/template.yaml").write_text("AutoPublishCodeSha256: unbuilt\n")
            (self._root / ".aws-sam/architecture").write_text(command[-1].partition("=")[2] + "\n")
        return 1 if command[0] == self._fails else 0

    @property
    def deployed(self) -> dict[str, str]:
        """The parameters that sam received."""
        command = self.commands[-1]
        assert command[:2] == ["sam", "deploy"]
        pairs = command[command.index("--parameter-overrides") + 1 :]
        return {name: value[1:-1] for name, _, value in (pair.partition("=") for pair in pairs)}


def existing_stack(name: str, **parameters: str) -> None:
    """A stack of Wardrop, with the parameters of the template and its outputs."""
    declared = {key: {"Type": "String", "Default": str(one.get("Default", ""))} for key, one in PARAMETERS.items()}
    body = {
        "Parameters": declared,
        "Resources": {"Drops": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {key: {"Value": "x"} for key in OUTPUTS},
    }
    boto3.client("cloudformation", REGION).create_stack(
        StackName=name,
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )


PARAMETERS: dict[str, dict[str, Any]] = TEMPLATE["Parameters"]


def install(account: Account, machine: Machine, **request: Any) -> int:
    given = {"stack": "wardrop", "region": REGION, **request}
    return Install(account, TEMPLATE, machine.tools)(Request(**given))


def test_a_new_stack_without_a_terminal_never_asks_and_gets_the_given_values_and_the_defaults(account, tmp_path):
    machine = Machine(tmp_path)
    assert install(account, machine, given={"Applications": "shop", "AlertEmail": "ops@example.com"}) == 0
    assert machine.deployed["Applications"] == "shop"
    assert machine.deployed["SettleSeconds"] == "180"
    assert machine.deployed.keys() == PARAMETERS.keys()
    assert "--no-confirm-changeset" in machine.commands[-1]


def test_a_second_deployment_keeps_what_was_answered_before(account, tmp_path):
    existing_stack("wardrop", Applications="shop", AlertEmail="ops@example.com", KeepDropsDays="7")
    machine = Machine(tmp_path)
    assert install(account, machine) == 0
    kept = {name: machine.deployed[name] for name in ("Applications", "AlertEmail", "KeepDropsDays")}
    assert kept == {"Applications": "shop", "AlertEmail": "ops@example.com", "KeepDropsDays": "7"}
    assert "(kept from the stack)" in machine.text


def test_a_person_changes_a_parameter_of_an_existing_stack_and_confirms(account, tmp_path):
    existing_stack("wardrop", Applications="shop", AlertEmail="ops@example.com")
    machine = Machine(tmp_path, Person("AlertEmail="))
    assert install(account, machine) == 0
    assert (machine.deployed["Applications"], machine.deployed["AlertEmail"]) == ("shop", "")
    assert "--confirm-changeset" in machine.commands[-1]


def test_a_person_answers_the_questions_of_a_new_stack(account, tmp_path):
    machine = Machine(tmp_path, Person("shop", "", "", "", ""))
    assert install(account, machine) == 0
    assert machine.deployed["Applications"] == "shop"


def test_a_stage_does_not_get_the_parameters_of_another_stage(account, tmp_path):
    existing_stack("wardrop", Applications="blog", AlertEmail="ops@example.com")
    machine = Machine(tmp_path)
    assert install(account, machine, stack="wardrop-prod", given={"Applications": "shop"}) == 0
    assert machine.deployed["AlertEmail"] == ""


@pytest.mark.parametrize(("given", "built"), [({}, "x86_64"), ({"Architecture": "arm64"}, "arm64")])
def test_the_build_is_for_the_architecture_of_the_stack_unless_another_is_given(account, tmp_path, given, built):
    existing_stack("wardrop", Applications="shop", Architecture="x86_64")
    machine = Machine(tmp_path)
    assert install(account, machine, given=given) == 0
    assert machine.commands[0][-2:] == ["build", f"ARCHITECTURE={built}"]
    assert machine.deployed["Architecture"] == built


def test_a_changed_parameter_reaches_the_published_functions(account, tmp_path):
    template = tmp_path / ".aws-sam/build/template.yaml"
    install(account, Machine(tmp_path), given={"Applications": "shop", "SettleSeconds": "60"})
    first = template.read_text()
    install(account, Machine(tmp_path), given={"Applications": "shop", "SettleSeconds": "90"})
    assert "unbuilt" not in first != template.read_text()


def test_a_build_for_another_architecture_is_refused():
    assert faults_of_build("arm64", "arm64") == []
    [finding] = faults_of_build("arm64", "x86_64")
    assert finding.text == ".aws-sam/build was built for arm64, and the stack's Architecture is x86_64."


def test_nothing_is_deployed_if_the_build_fails(account, tmp_path):
    machine = Machine(tmp_path, fails="make")
    assert install(account, machine, given={"Applications": "shop"}) == 1
    assert [command[0] for command in machine.commands] == ["make"]


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        ({"stack": "my_stack"}, "'my_stack' is not a stack name"),
        ({"given": {"Aplications": "shop"}}, "Did you mean Applications?"),
        ({"given": {"AlertEmail": "ops"}}, "AlertEmail=ops (given) is not accepted"),
        ({"given": {"Applications": "shpo"}}, "Did you mean 'shop'?"),
        ({"given": {"SlackChannel": "#ops"}}, "SlackChannel=#ops has no effect"),
        ({"given": {"DropBucketName": "no-such-bucket"}}, "There is no bucket no-such-bucket."),
    ],
)
def test_a_fault_is_refused_with_its_reason_before_anything_is_built(account, tmp_path, request_, named):
    machine = Machine(tmp_path)
    assert install(account, machine, **request_) == REFUSED
    assert (machine.commands, named in machine.text) == ([], True)


def test_a_second_stack_on_the_same_applications_is_refused_until_a_person_allows_it(account, tmp_path):
    existing_stack("wardrop", Applications="sh*")
    machine = Machine(tmp_path)
    assert install(account, machine, stack="wardrop-prod") == REFUSED
    assert "make deploy ALLOW=shared-applications" in machine.text
    assert install(account, machine, stack="wardrop-prod", allowed={"shared-applications"}) == 0


def test_a_stack_whose_creation_failed_is_refused_with_the_command_that_deletes_it(account, tmp_path):
    existing_stack("wardrop", Applications="shop")
    from moto.cloudformation.models import cloudformation_backends

    [stack] = cloudformation_backends["123456789012"][REGION].stacks.values()
    stack.status = "ROLLBACK_COMPLETE"
    machine = Machine(tmp_path)
    assert install(account, machine) == REFUSED
    assert "aws cloudformation delete-stack --stack-name wardrop" in machine.text


def test_an_existing_bucket_without_events_is_refused_with_the_command_and_nothing_is_changed(account, tmp_path):
    s3 = boto3.client("s3", REGION)
    s3.create_bucket(Bucket="their-drops")
    machine = Machine(tmp_path)
    assert install(account, machine, given={"Applications": "shop", "DropBucketName": "their-drops"}) == REFUSED
    assert "aws s3api put-bucket-notification-configuration --bucket their-drops" in machine.text
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket="their-drops")


def leftovers() -> dict[str, str]:
    """A ledger and a release bucket that no stack contains."""
    ledger = TEMPLATE["Resources"]["Ledger"]["Properties"]
    named = {
        name: ledger[name] for name in ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
    }
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    boto3.client("dynamodb", REGION).create_table(TableName="old-ledger", StreamSpecification=stream, **named)
    boto3.client("s3", REGION).create_bucket(Bucket="old-releases")
    return {"LedgerTable": "old-ledger", "ReleaseBucket": "old-releases"}


def test_a_new_stack_imports_what_it_adopts_before_sam_deploys_the_rest(account, tmp_path):
    machine, adopted = Machine(tmp_path), leftovers()
    assert install(account, machine, given={"Applications": "shop"}, adopted=adopted) == 0
    stack = account.stack("wardrop")
    assert (stack.status, stack.parameters) == ("IMPORT_COMPLETE", {})
    assert [command[0] for command in machine.commands] == ["make", "sam"]
    assert "The stack wardrop has adopted old-ledger and old-releases." in machine.text


def test_a_table_that_does_not_exist_is_not_adopted(account, tmp_path):
    machine, adopted = Machine(tmp_path), {**leftovers(), "LedgerTable": "old-leger"}
    assert install(account, machine, given={"Applications": "shop"}, adopted=adopted) == REFUSED
    assert "The ledger table does not exist in this region." in machine.text
