import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.processes)
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder with a short path that every user may enter, as pytest's own is not."""
    path = Path(tempfile.mkdtemp(prefix="kefir-local-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)
