"""What is configured for an environment, as a deployment pins it."""

import msgspec

from wardrop.environments.model import Health


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What is configured for the environment, pinned to the deployment. Durations are seconds."""

    accept: tuple[Health, ...] = (Health.OK, Health.INFO)
    bad_for: int = 180
    bake: int = 120
    approval: bool = False
    approvers: list[str] = []
    """Patterns of ARNs; nobody named means whoever may call `run_command`."""

    policy: str | None = None
    """None is `rolling`: a careful policy of the environment's own stays, AllAtOnce does not."""

    batch: str = "30%"
    deadline: int | None = None
    """None: from the policy, the batches and the command timeout."""

    on_failure: str = "rollback"
    freeze: list[str] = []
