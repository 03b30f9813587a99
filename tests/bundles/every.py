"""All bundles whose behaviour is known."""

from tests.bundles.bundle import Bundle
from tests.bundles.written import written_bundles


def every_bundle() -> list[Bundle]:
    return list(written_bundles())
