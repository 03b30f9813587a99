"""Installs or upgrades one stack: chooses its parameters, checks them, builds the functions, and runs `sam deploy`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from installation.account import Account
from installation.adoption import faults_of_leftovers, faults_of_request, import_template, resources_to_import
from installation.checks import Plan, check
from installation.declarations import Declaration, declarations_of
from installation.findings import Finding, described, refusal, refuses, with_allowed
from installation.parameters import Chosen, choose, faults_of_names, faults_of_values, values_of
from installation.release import stamp
from installation.sam import Target, deploy_command
from installation.stacks import Stack, faults_of_name, faults_of_state
from installation.terminal import Terminal, Write, table

Run = Callable[[Sequence[str]], int]
"""Runs a program in the foreground, and returns its exit code."""

REFUSED = 8


@dataclass(frozen=True)
class Request:
    stack: str
    region: str
    given: Mapping[str, str] = field(default_factory=dict)
    allowed: Collection[str] = ()
    adopted: Mapping[str, str] = field(default_factory=dict)
    """The names of the ledger and the release bucket to adopt. The keys are those of `adoption.KINDS`."""


@dataclass(frozen=True)
class Tools:
    run: Run
    write: Write
    terminal: Terminal | None
    """Asks the user for parameters. None: there is no terminal, so nobody is asked."""

    sam: str
    root: Path
    """The folder of the project."""


class Install:
    def __init__(self, account: Account, template: Mapping[str, Any], tools: Tools) -> None:
        self._account = account
        self._template = template
        self._declarations: Mapping[str, Declaration] = declarations_of(template)
        self._tools = tools

    def __call__(self, request: Request) -> int:
        """Returns the exit code of `make build` or `sam deploy`, or REFUSED."""
        if self._refused(faults_of_name(request.stack, self._template)):
            return REFUSED
        identity = self._account.identity()
        stack = self._account.stack(request.stack)
        state = "exists" if stack else "is new"
        place = f"in {request.region}, account {identity.account}, as {identity.arn}"
        self._tools.write(f"The stack {request.stack} {state} {place}.")
        if self._refused([*(faults_of_state(stack) if stack else []), *self._faults_of_adoption(request, stack)]):
            return REFUSED
        chosen = self._chosen(request, stack)
        if chosen is None:
            return REFUSED
        plan = Plan(request.stack, request.region, identity, values_of(chosen))
        if self._refused(with_allowed(check(plan, self._account), request.allowed)):
            return REFUSED
        if code := self._build(plan):
            return code
        if request.adopted:
            self._account.adopt(request.stack, import_template(self._template), resources_to_import(request.adopted))
            self._tools.write(f"The stack {request.stack} has adopted {' and '.join(request.adopted.values())}.")
        return self._deploy(plan)

    def _faults_of_adoption(self, request: Request, stack: Stack | None) -> list[Finding]:
        if (faults := faults_of_request(request.adopted, stack)) or not request.adopted:
            return faults
        return faults_of_leftovers(self._account.leftovers(request.adopted), request.region, self._template)

    def _chosen(self, request: Request, stack: Stack | None) -> dict[str, Chosen] | None:
        """Returns the value of each parameter. None: a check refused the installation."""
        kept: Mapping[str, str] = stack.parameters if stack else {}
        given = dict(request.given)
        if self._refused(faults_of_names(self._declarations, given, kept)):
            return None
        terminal = self._tools.terminal
        if terminal and not kept:
            given = terminal.first_values(self._declarations, given)
        chosen = choose(self._declarations, given, kept)
        self._tools.write(table(chosen))
        if terminal and kept and (changes := terminal.changes()):
            if self._refused(faults_of_names(self._declarations, changes, {})):
                return None
            chosen = choose(self._declarations, {**given, **changes}, kept)
            self._tools.write(table(chosen))
        return None if self._refused(faults_of_values(self._declarations, chosen)) else chosen

    def _build(self, plan: Plan) -> int:
        architecture = plan.values["Architecture"]
        if code := self._tools.run(["make", "-C", str(self._tools.root), "build", f"ARCHITECTURE={architecture}"]):
            return code
        built = (self._tools.root / ".aws-sam" / "architecture").read_text().strip()
        if self._refused(faults_of_build(built, architecture)):
            return REFUSED
        stamp(self._tools.root / ".aws-sam" / "build", plan.values)
        return 0

    def _deploy(self, plan: Plan) -> int:
        target = Target(plan.stack, plan.region, asks=self._tools.terminal is not None)
        return self._tools.run(deploy_command(self._tools.sam, target, plan.values))

    def _refused(self, findings: list[Finding]) -> bool:
        for finding in findings:
            self._tools.write(f"\n{described(finding)}")
        return refuses(findings)


def faults_of_build(built: str, architecture: str) -> list[Finding]:
    """Refuses a build for another architecture, because functions with these layers would fail when they start."""
    if built == architecture:
        return []
    text = f".aws-sam/build was built for {built}, and the stack's Architecture is {architecture}."
    return [refusal("architecture", text, "Another build ran at the same time. Run make deploy again.")]
