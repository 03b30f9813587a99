"""The order of health statuses."""

import pytest

from wardrop.environments.model import Health

ORDER = [Health.OK, Health.INFO, Health.WARNING, Health.DEGRADED, Health.SEVERE]


@pytest.mark.parametrize("health", Health)
def test_a_status_is_at_least_as_severe_as_itself_and_as_all_milder_ones(health):
    expected = ORDER[: ORDER.index(health) + 1] if health in ORDER else []
    assert [other for other in ORDER if health.is_at_least(other)] == expected
    assert not any(health.is_at_least(other) for other in Health if other not in ORDER)
