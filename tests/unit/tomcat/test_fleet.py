import pytest

from local.beanstalk.fleet import Traffic, total


def test_the_latency_of_several_instances_is_weighted_by_their_requests():
    slow = Traffic((300, 0, 0, 0), dict.fromkeys(Traffic().latency, 0.4))
    fast = Traffic((100, 0, 0, 0), dict.fromkeys(Traffic().latency, 0.0))
    both = total([slow, fast])
    assert both.requests == 400
    assert both.latency["P99"] == pytest.approx(0.3)


def test_no_instances_have_no_traffic():
    assert total([]).requests == 0
