import pytest

from local.settings import CannotStart
from local.tomcat.processes import checked_fleet, command


def test_a_missing_program_is_named_in_one_line_with_the_command_that_installs_it():
    with pytest.raises(CannotStart) as refused:
        command("no-such-program")
    [line] = str(refused.value).splitlines()
    assert "no-such-program" in line
    assert "apt-get install --no-install-recommends tomcat10 openjdk-17-jre-headless haproxy unzip" in line


def test_the_simulation_needs_no_program():
    assert checked_fleet("simulated") == "simulated"


def test_a_fleet_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(CannotStart, match="FLEET=jetty is not one of simulated, tomcat"):
        checked_fleet("jetty")
