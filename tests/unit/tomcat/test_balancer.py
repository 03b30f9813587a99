from pathlib import Path

import pytest

from local.tomcat.balancer import Balancer, servers

COLUMNS = "pxname,svname,scur,status,check_status,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,econ,eresp,rtime,"
STATISTICS = f"""\

# {COLUMNS}
instances,i-1,2,UP 1/3,L7OK,70,3,2,1,4,5,12,
instances,i-2,0,DOWN,L7STS,0,0,0,0,0,0,0,
instances,i-3,1,DRAIN,L7OK,9,0,0,0,0,,,
instances,i-4,0,MAINT,,,,,,,,,
instances,i-5,0,DOWN,* L4CON,,,,,,,,
website,FRONTEND,2,OPEN,,1,0,0,0,,,,
"""


@pytest.mark.parametrize("path", ["/a b", "/a\n    errorfile 503 /etc/passwd", "/a#b", '/a"b', "/$port"])
def test_the_path_of_the_health_check_is_one_word(path):
    quoted = Balancer(Path("/run"), 20_000, path, "200").path
    assert len(quoted.split()) == 1
    assert not set(quoted) & set("#\"'\\$")


def test_requests_without_an_answer_are_failed_requests():
    assert servers(STATISTICS)["i-1"].statuses == (70, 3, 2, 1 + 4 + 5)


def test_only_instances_are_servers():
    assert set(servers(STATISTICS)) == {"i-1", "i-2", "i-3", "i-4", "i-5"}


def test_a_server_that_gets_no_new_requests_can_be_healthy():
    assert [name for name, server in servers(STATISTICS).items() if server.up] == ["i-1", "i-3"]


def test_a_check_that_is_not_over_and_a_refused_connection_are_no_checks():
    assert [name for name, server in servers(STATISTICS).items() if server.checked] == ["i-1", "i-2", "i-3"]


def test_columns_without_a_value_are_zero():
    assert servers(STATISTICS)["i-3"].milliseconds == 0
    assert servers(STATISTICS)["i-4"].sessions == 0


@pytest.mark.parametrize("text", ["", "\n", "Already exists a server with the same name in backend.\n\n"])
def test_without_statistics_there_are_no_servers(text):
    assert servers(text) == {}


def test_statistics_can_be_read_wherever_they_are_cut_off():
    for length in range(len(STATISTICS)):
        assert len(servers(STATISTICS[:length])) <= 5
