"""A world in which a person sends requests."""

from typing import Any

from msgspec.structs import replace

from tests.unit.commands.samples import JANE, caller
from tests.unit.samples import NOW, OLD, environment, instance
from tests.unit.world import World
from wardrop.commands.requests import Request
from wardrop.commands.run import RunCommand
from wardrop.configuration.in_force import InForce
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing


class CommandWorld(World):
    """Jane sends requests. All instances run the old version."""

    def __init__(self) -> None:
        super().__init__(environment())
        self.beanstalk.fleet = (instance(1, OLD), instance(2, OLD))
        self.run = self.verb(RunCommand)

    def ask(self, request: Request, arn: str = JANE) -> Any:
        return self.run(request, caller(arn))

    def has(self, *deployments: Deployment, **differs: Any) -> None:
        standing = replace(self.standing, **differs) if differs else None
        self.ledger.write(Change(deployments, standing))

    @property
    def active(self) -> list[Deployment]:
        return self.environment().deployments

    @property
    def standing(self) -> Standing:
        return self.environment().standing

    def load(self) -> InForce:
        """The configuration of shop, as a drop loads it."""
        return self.configurations.load("shop", lambda: list(self.beanstalk.described), NOW)
