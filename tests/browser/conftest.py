"""A real browser before a real server; left out, in one line, where there is no browser."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.apps.fake_runs import add_snapshot, write_lines
from tests.browser.driving import CHROMIUM, REQUIRED, Window, dashboard, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

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
def runs(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Path) -> Path:
    """A directory with a run of two snapshots, and a broken one."""
    root = tmp_path_factory.mktemp("trained") / "runs"
    write_lines(root / "mine", 1, 30)
    for step in (10, 20):
        add_snapshot(root / "mine", step, tiny_checkpoint)
    write_lines(root / "broken", 1, 2, torn="no JSON\n")
    return root


@pytest.fixture(scope="session")
def server(runs: Path) -> Iterator[str]:
    """One dashboard for all tests that need nothing of their own."""
    with dashboard(runs) as address:
        yield address


@pytest.fixture(scope="session")
def tiny_server(tiny_checkpoint: Path, runs: Path) -> Iterator[str]:
    """One whose own networks are the tiny GAN."""
    with served("-m", "apps", "--checkpoint", str(tiny_checkpoint), "--runs", str(runs), "--port") as found:
        yield found


@pytest.fixture
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    found = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield found
    found.close()


@pytest.fixture
def window(context: "BrowserContext") -> Window:
    return Window(context.new_page())


@pytest.fixture(autouse=True)
def only_its_own_server_and_no_errors() -> Iterator[None]:
    """Whatever a test opened asked nobody but its own server, and no script stumbled."""
    Window.ever.clear()
    yield
    for window in Window.ever:
        assert window.strangers == []
        assert window.complaints == []
