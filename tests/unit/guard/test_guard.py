"""The guard, with everything outside of it in memory."""

from tests.unit.samples import NOW, environment, seconds
from tests.unit.world import World
from wardrop.environments.settings import VersionQuotaUse
from wardrop.guard.guard import GuardConfiguration
from wardrop.guard.request import GuardRequest


class GuardedWorld(World):
    def __init__(self) -> None:
        super().__init__()
        self.guard_configuration = self.verb(GuardConfiguration)

    def look(self, name: str = "shop-staging", **request: object) -> str:
        return self.guard_configuration(GuardRequest(environment=name, cause="tick/1", **request), self.now)


class TestReadings:
    def test_the_settings_are_kept_with_the_update_after_which_they_were_read(self):
        world = GuardedWorld()
        world.look()
        settings = world.ledger.environments.read("shop-staging").settings
        assert settings is not None
        assert (settings.policy, settings.at) == ("Rolling", NOW)
        assert settings.environment_updated_at == environment().updated_at

    def test_an_environment_that_was_seen_just_now_is_not_read_again(self):
        world = GuardedWorld()
        world.look(snapshot=environment(), snapshot_at=NOW - seconds(9))
        assert "beanstalk.environments" not in world.calls
        world.look(snapshot=environment(), snapshot_at=NOW - seconds(11))
        assert world.calls.count("beanstalk.environments") == 1

    def test_the_version_quota_as_clean_up_counted_it_is_kept_with_the_settings(self):
        world = GuardedWorld()
        world.ledger.versions.keep_room(VersionQuotaUse(at=NOW, used=960, quota=1000))
        world.look()
        settings = world.ledger.environments.read("shop-staging").settings
        assert settings is not None
        assert settings.version_quota_use is not None
        assert settings.version_quota_use.is_scarce

    def test_an_environment_that_is_gone_leads_to_nothing(self):
        world = GuardedWorld()
        world.look("shop-gone")
        assert world.ledger.environments.read("shop-gone").settings is None
