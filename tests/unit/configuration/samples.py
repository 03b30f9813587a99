"""Documents, and the world in which they are loaded."""

from tests.unit.samples import NOW
from tests.unit.world import World
from wardrop.configuration.in_force import InForce
from wardrop.configuration.parameter import Fault, FaultKind
from wardrop.configuration.record import ConfigurationRecord
from wardrop.structs import replace

GOOD = "environments: [{name: shop-prod, bad_for: 90s}]"
BROKEN = "environments: [{name: shop-prod, badfor: 30s}]"
UNKNOWN_ENVIRONMENT = "environments: [{name: shop-prod, bad_for: 30s}, {name: shop-typo}]"
DENIED = Fault(kind=FaultKind.DENIED, reason="AccessDenied")
NOT_DECRYPTED = Fault(kind=FaultKind.NOT_DECRYPTED, reason="InvalidKeyId")
THROTTLED = Fault(kind=FaultKind.THROTTLED, reason="Rate exceeded")


class ConfigurationWorld(World):
    names: list[str] | None = ["shop-staging", "shop-prod"]  # noqa: RUF012 - never changed
    """The environments of the application. None: they may not be read."""

    def put(self, text: str) -> None:
        self.parameters.faults.clear()
        self.parameters.put("shop", text)

    def delete(self) -> None:
        self.parameters.faults.clear()
        self.parameters.documents.clear()

    def forget(self) -> None:
        """Deletes the parameter and removes the last good document, as a user does."""
        self.delete()
        self.ledger.configurations.write(replace(self.record, last_good=None, fault=None))

    def load(self) -> InForce:
        def names() -> list[str]:
            assert self.names is not None
            return self.names

        return self.configurations.load("shop", names, NOW)

    @property
    def record(self) -> ConfigurationRecord:
        return self.ledger.configurations.read("shop")
