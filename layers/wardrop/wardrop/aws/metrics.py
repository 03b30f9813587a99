"""Wardrop's own metrics. CloudWatch reads them from the log."""

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit


def count(name: str, how_many: float = 1) -> None:
    """Adds to a metric. The class Metrics of Powertools would log a warning for each invocation without a metric."""
    with single_metric(name=name, unit=MetricUnit.Count, value=how_many):
        pass  # the metric is written when the block ends
