"""What all tests share: reproducible examples, and a cache folder of their own."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

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


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many lines of derivations were found true: the reports carry the counts, from other processes too."""
    lines: Counter[str] = Counter()
    layers = 0
    for report in terminalreporter.stats.get("passed", []):
        for name, counts in report.user_properties:
            if name == "lines checked":
                lines, layers = lines + Counter(counts), layers + 1
    if layers:
        kinds = ", ".join(f"{number} {kind}" for kind, number in lines.most_common())
        terminalreporter.write_line(f"{lines.total()} lines of {layers} derivations checked: {kinds}")
