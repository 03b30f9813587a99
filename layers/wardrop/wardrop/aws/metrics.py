"""Wardrop's own metrics, as CloudWatch reads them from the log."""

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit


def count(name: str, how_many: float = 1) -> None:
    """So many more of these. Powertools' Metrics would warn of every invocation that has nothing to count."""
    with single_metric(name=name, unit=MetricUnit.Count, value=how_many):
        pass  # it is written when the block ends
