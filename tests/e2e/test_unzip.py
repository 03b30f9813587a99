"""The records of `unzip` agree with Info-ZIP's UnZip."""

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.bundles.bundle import Bundle
from tests.bundles.every import every_bundle
from tests.bundles.mangling import hidden_settings
from tests.bundles.unzip import unzip
from wardrop.drops.bundle import inspect
from wardrop.errors import Rejected

pytestmark = pytest.mark.real


@pytest.mark.parametrize("bundle", every_bundle(), ids=lambda bundle: bundle.file)
def test_unzip_behaves_as_recorded(bundle: Bundle, tmp_path: Path) -> None:
    assert unzip(bundle.content, tmp_path) == (bundle.exit_code, sorted(bundle.unpacked))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hidden_settings())
def test_unzip_unpacks_accepted_bundles_without_an_error_and_wardrop_has_read_their_settings(
    tmp_path: Path, content: bytes
) -> None:
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        exit_code, unpacked = unzip(content, Path(folder))
    try:
        contents = inspect(io.BytesIO(content), "shop-1.war", len(content))
    except Rejected:
        return
    assert exit_code == 0
    assert contents.ebextensions.settings or ".ebextensions/a.config" not in unpacked
