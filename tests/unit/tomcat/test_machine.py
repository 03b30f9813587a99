from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.beanstalk.instances import Instance
from local.clock import Clock
from local.tomcat.balancer import Server
from local.tomcat.machine import Machine
from local.tomcat.server import Tomcat

NONE = (0, 0, 0, 0)


def server(*, up: bool = True, statuses: tuple[int, int, int, int] = NONE) -> Server:
    return Server(up, up, 0, statuses, 5)


@pytest.fixture
def machine() -> Machine:
    instance = Instance(datetime.now(UTC), "us-east-1a", "t3.micro")
    return Machine(instance, Tomcat(Path("/nowhere"), 20_000), Clock(), "ready", new=False)


def states(machine: Machine) -> list[str]:
    """The states in the commands for haproxy."""
    words = [command.split() for command in machine.commands()]
    return [each[-1] for each in words if {"state", "health"} & set(each[:-1]) and each[0] == "set"]


def test_a_stopped_server_gets_no_requests_and_is_not_healthy(machine):
    machine.state = "maint"
    machine.observe(server())
    assert states(machine) == ["maint"]
    assert [command.split()[0] for command in machine.commands()] == ["set", "shutdown", "del"]
    assert not machine.instance.answers


def test_a_new_server_is_unhealthy_before_it_gets_requests(machine):
    machine.new = True
    assert machine.commands()[0].startswith(f"add server instances/{machine.instance.id} 127.0.0.1:20000 check ")
    assert states(machine) == ["drain", "down", "ready"]


def test_a_known_server_keeps_its_checks(machine):
    machine.observe(server())
    assert states(machine) == ["ready"]
    assert machine.instance.answers
    assert machine.checked


def test_a_server_that_is_not_in_service_gets_no_new_requests_and_stays_healthy(machine):
    machine.instance.in_service = False
    machine.observe(server())
    assert states(machine) == ["drain"]
    assert machine.instance.answers


def test_a_server_that_is_being_drained_gets_no_new_requests_although_it_is_healthy_and_in_service(machine):
    machine.state = "drain"
    machine.observe(server())
    assert states(machine) == ["drain"]
    assert machine.instance.answers


def test_the_time_of_the_first_failed_check_is_kept_until_the_server_answers(machine):
    machine.observe(server(up=False))
    since = machine.instance.failing_since
    machine.observe(server(up=False))
    assert machine.instance.failing_since == since is not None
    machine.observe(server())
    assert machine.instance.failing_since is None


def test_without_haproxy_a_server_is_unhealthy_and_will_be_new_to_the_next_haproxy(machine):
    machine.observe(server(statuses=(5, 0, 0, 0)))
    machine.observe(None)
    assert not machine.instance.answers
    assert not machine.checked
    assert machine.new
    machine.observe(server(statuses=(1, 0, 0, 0)))
    assert machine.traffic.requests == 0


def test_the_weight_is_a_share_of_the_requests(machine):
    machine.instance.weight = 10
    assert f"set server instances/{machine.instance.id} weight 10" in machine.commands()


def test_traffic_is_the_difference_of_two_observations(machine):
    machine.observe(server(statuses=(10, 1, 2, 3)))
    machine.observe(server(statuses=(30, 1, 4, 6)))
    assert machine.traffic.statuses == (20, 0, 2, 3)
    assert set(machine.traffic.latency.values()) == {0.005}


def test_traffic_is_that_of_awss_period_but_of_at_least_a_second(machine):
    for number in range(30):
        machine.observe(server(statuses=(number, 0, 0, 0)))
    assert machine.traffic.requests == 10
