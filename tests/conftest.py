"""What all tests share: reproducible examples, and a cache folder of their own."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("symbp", deadline=None, derandomize=True)
settings.load_profile("symbp")


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Loaded modules go to a folder of this run, not to the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
