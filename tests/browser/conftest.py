"""A real browser before a real server; left out, in one line, where there is no browser."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.driving import CHROMIUM, Window, chromium, dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

REQUIRED = os.environ.get("DCGAN_VIZ_BROWSER_TESTS") == "required"

_left_out: list[str] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave this folder out where there is nothing to drive."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker("browser")
    if CHROMIUM and find_spec("playwright"):
        return
    if REQUIRED:
        raise pytest.UsageError("browser tests: no Chromium or no playwright, and they are required here")
    if here:
        _left_out.append(f"left out: {len(here)} browser tests, for want of Chromium (package chromium)")
        config.hook.pytest_deselected(items=here)
        items[:] = [item for item in items if item not in here]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so."""
    for line in _left_out:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One dashboard for all tests that need nothing of their own."""
    with dashboard(tmp_path_factory.mktemp("runs")) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    with chromium() as found:
        yield found


@pytest.fixture
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    found = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield found
    found.close()


@pytest.fixture
def window(context: "BrowserContext") -> Window:
    return Window(context.new_page())
