"""Threads in the ledger's table."""

from wardrop.aws.ledger.table import Table
from wardrop.aws.ledger.threads import Threads
from wardrop.slack.thread import Thread


def test_a_thread_is_kept_with_the_fields_of_a_newer_wardrop(dynamodb):
    threads = Threads(Table(dynamodb, "ledger"))
    assert threads.read("#shop-ops", "d-1") == Thread()
    threads.keep("#shop-ops", "d-1", Thread(channel="C1", ts="1.2", alert_ids=["a"], unknown={"mood": "fine"}))
    read = threads.read("#shop-ops", "d-1")
    assert (read.channel, read.ts, read.alert_ids, read.unknown["mood"]) == ("C1", "1.2", ["a"], "fine")
    threads.keep("#shop-ops", "d-1", read)
    assert threads.read("#shop-ops", "d-1") == read
