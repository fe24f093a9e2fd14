"""Throw-away folders for clusters: short, and passable by the user that PostgreSQL runs as."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.throwaway import short_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="ep-", dir=short_folder()))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)
