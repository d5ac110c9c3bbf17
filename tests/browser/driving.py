"""A server of the dashboard and a browser before it: for tests, and for what is measured with them."""

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
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NoReturn
from urllib.parse import urlsplit

from tests.waiting import PATIENCE_S, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, WebSocket

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "out" / "screenshots"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"  # no name but this machine's is known
VARIABLES: dict[str, str] = {}  # of every server's environment
PATIENCE_MS = 1000 * PATIENCE_S
REQUIRED = os.environ.get("DCGAN_VIZ_BROWSER_TESTS") == "required"


def lacking(what: str) -> NoReturn:
    """Leave a test out that cannot be made here, or fail where it has to be."""
    import pytest

    if REQUIRED:
        pytest.fail(f"{what}, and browser tests are required here")
    pytest.skip(what)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(*command: str, path: Path = ROOT, cwd: Path = ROOT, **variables: str) -> Iterator[str]:
    """The address of a server until the block ends; the command takes its port as the last word."""
    port = free_port()
    address = f"http://localhost:{port}"
    environment = {
        **os.environ, **VARIABLES, "PYTHONPATH": str(path), "STREAMLIT_SERVER_HEADLESS": "true", **variables,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, *command, str(port)], cwd=cwd, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + 2 * PATIENCE_S
        while True:
            assert process.poll() is None, f"the server ended with {process.returncode}"
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=10).close()
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


@contextmanager
def chromium() -> Iterator["Browser"]:
    """A browser that nobody sees, until the block ends."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=[OFFLINE])
        yield found
        found.close()


@dataclass
class Window:
    """A page, and what went on in it.

    Attributes
    ----------
    page : Page
    requests : list of str
        Addresses of all that it asked for, sockets included.
    complaints : list of str
        Errors of its scripts, and of its console.
    """

    page: "Page"
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    ever: ClassVar[list["Window"]] = []
    """All that were opened since somebody last looked at them."""

    _n_asked: int = 0
    _is_answered: bool = True
    _socket: "WebSocket | None" = None

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("websocket", self._listen)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        Window.ever.append(self)

    def _hear(self, message: "ConsoleMessage") -> None:
        text, place = message.text, urlsplit(message.location["url"]).path
        if message.type == "error" and not _is_usual(text, place):
            self.complaints.append(f"{text} ({place})")

    def _listen(self, socket: "WebSocket") -> None:
        """Hear by a page's socket when it asks for a run of the script, and when such a run has ended."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        ends = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)

        def sent(payload: bytes | str) -> None:
            if isinstance(payload, bytes) and BackMsg.FromString(payload).HasField("rerun_script"):
                self._n_asked, self._is_answered = self._n_asked + 1, False

        def received(payload: bytes | str) -> None:
            if isinstance(payload, bytes):
                message = ForwardMsg.FromString(payload)
                if message.WhichOneof("type") == "script_finished" and message.script_finished in ends:
                    self._is_answered = True

        def closed(_: object) -> None:
            if self._socket is socket:  # nobody will answer
                self._is_answered = True

        self._socket, self._is_answered = socket, False
        socket.on("framesent", sent)
        socket.on("framereceived", received)
        socket.on("close", closed)

    @property
    def strangers(self) -> list[str]:
        """What it asked of others than the server that it opened first."""
        home = urlsplit(self.requests[0]).netloc if self.requests else ""
        apart = [url for url in self.requests if not url.startswith(("data:", "blob:"))]
        return [url for url in apart if urlsplit(url).netloc != home]

    def open(self, address: str) -> "Page":
        """Follow a link and wait until the page has come to rest."""
        self._socket = None
        self.page.goto(address)
        until(self._has_socket)
        self.rest()
        return self.page

    def _has_socket(self) -> bool:
        self.page.wait_for_timeout(20)  # meanwhile it may be opened
        return self._socket is not None

    def rest(self) -> None:
        """Wait until the server has drawn what is to be seen.

        A click is sent at once, but nothing on the page tells before the server answers.
        """
        end = time.monotonic() + PATIENCE_S
        is_quiet = False
        while not is_quiet:
            assert time.monotonic() < end, "the server does not come to rest"
            before = self._n_asked if self._is_answered else None
            self.page.wait_for_timeout(150)  # meanwhile frames are heard of, and what they say is drawn
            self.page.wait_for_selector('[data-test-script-state="notRunning"]')
            is_quiet = self._is_answered and before == self._n_asked


def _is_usual(text: str, path: str) -> bool:
    """Whether a complaint says nothing about the page.

    Streamlit asks for its settings below a page's address before it asks at the root; and a socket that
    breaks, because its server ends or a test breaks it, is a complaint of the browser's own.
    """
    is_below = re.fullmatch(r"/[a-z_]+/_stcore/(health|host-config)", path) is not None
    return (is_below and "404" in text) or "WebSocket connection to" in text or "ERR_CONNECTION" in text


def until_url(page: "Page", pattern: str) -> None:
    """Wait until the address says something."""
    page.wait_for_url(re.compile(pattern), timeout=PATIENCE_MS)


def peak_memory_kb(server: str) -> int:
    """The most that the server's process ever held, where the system says; 0 elsewhere."""
    process = _process(server)
    return 0 if process is None else int(re.findall(r"VmHWM:\s+(\d+)", (process / "status").read_text())[0])


def cpu_s(server: str) -> float | None:
    """Seconds for which the server's process has computed, where the system says."""
    process = _process(server)
    if process is None:
        return None
    user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _process(server: str) -> Path | None:
    """What the system says of the server's process."""
    port = server.rpartition(":")[2].encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile
            continue
        if b"apps" in words and port in words:
            return folder
    return None
