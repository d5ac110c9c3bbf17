"""A real browser before a real server; left out, in one line, where there is no browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "out" / "screenshots"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
REQUIRED = os.environ.get("DCGAN_VIZ_BROWSER_TESTS") == "required"
PATIENCE_MS = 60_000  # a machine that does much else is slow, and no test is about that

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


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(*command: str, path: Path = ROOT, cwd: Path = ROOT, **variables: str) -> Iterator[str]:
    """The address of a server until the block ends; the command takes its port as the last word."""
    port = free_port()
    address = f"http://localhost:{port}"
    environment = {**os.environ, "PYTHONPATH": str(path), "STREAMLIT_SERVER_HEADLESS": "true", **variables}
    process = subprocess.Popen(
        [sys.executable, *command, str(port)], cwd=cwd, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while True:
            assert process.poll() is None, f"the server ended with {process.returncode}"
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < end, "the server did not come up"
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def dashboard(runs: Path) -> Iterator[str]:
    """The dashboard's address."""
    with served("-m", "apps", "--runs", str(runs), "--port") as address:
        yield address


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One dashboard for all tests that need nothing of their own."""
    with dashboard(tmp_path_factory.mktemp("runs")) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM)
        yield found
        found.close()


@dataclass
class Window:
    """A page, and what went on in it."""

    page: "Page"
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def open(self, address: str) -> "Page":
        """Follow a link and wait until the page has come to rest."""
        self.page.goto(address)
        self.rest()
        return self.page

    def rest(self) -> None:
        """Wait until the server has drawn what is to be seen."""
        self.page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=PATIENCE_MS)
        self.page.wait_for_timeout(150)  # a click takes a moment to reach the server
        self.page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=PATIENCE_MS)


@pytest.fixture
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    found = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield found
    found.close()


@pytest.fixture
def window(context: "BrowserContext") -> Window:
    return Window(context.new_page())


def until_url(page: "Page", pattern: str) -> None:
    """Wait until the address says something."""
    page.wait_for_url(re.compile(pattern), timeout=PATIENCE_MS)
