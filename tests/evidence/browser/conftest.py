from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from visiting import visited


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with visited(tmp_path) as page:
        yield page
