"""How long the dashboard lets a person wait: ``python -m benchmarks.dashboard --json``, with Chromium.

The peer is Streamlit itself: a page of one slider and one picture (`bare_page.py`), served and driven in the
same way and in turns. Measured are the first picture of a new server and a slider's answer on Remove objects
(from the key to the changed picture, both in the browser), and what several sessions at once need of memory.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from dcgan_viz.cli import Command
from dcgan_viz.errors import InputError
from tests.browser.driving import CHROMIUM, chromium, dashboard, peak_memory_kb, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BARE = Path(__file__).with_name("bare_page.py")
QUIET = ("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none")
FIRST_SAMPLE = '[aria-label^="Samples of seed"] img'
FIRST_RESULT = ".columns .row.result img"
ONLY_PICTURE = "[data-testid=stImage] img"

# Elements of Streamlit's components lie in shadow trees, which a selector does not cross.
ANSWER = """(selector) => {
  const found = (root) => root.querySelector(selector) ?? [...root.querySelectorAll("*")]
    .flatMap((node) => node.shadowRoot ? [found(node.shadowRoot)] : []).find((image) => image)
  const image = found(document)
  window.answered = new Promise((done) => {
    let pressed = null
    window.addEventListener("keydown", () => { pressed = performance.now() }, { once: true, capture: true })
    new MutationObserver((_, observer) => {
      observer.disconnect()
      done(performance.now() - pressed)
    }).observe(image, { attributes: true, attributeFilter: ["src"] })
  })
}"""


@dataclass(frozen=True)
class Waiting:
    """Medians over the turns; a ratio is ours over the bare page's.

    Parameters
    ----------
    first_picture_s, first_picture_streamlit_run_s, first_picture_bare_s : float
        Of ``dcgan-viz dashboard``, of ``streamlit run apps/dashboard.py``, of the bare page; from opening
        the address, the server just being up.
    first_picture_ratio : float
    slider_ms, slider_bare_ms, slider_ratio : float
    slider_longest_ms : float
    n_sessions : int
        That trained a probe each and look at its pictures.
    peak_memory_mib : float
        Of the server with them.
    turns, moves : int
    """

    first_picture_s: float
    first_picture_streamlit_run_s: float
    first_picture_bare_s: float
    first_picture_ratio: float
    slider_ms: float
    slider_bare_ms: float
    slider_ratio: float
    slider_longest_ms: float
    n_sessions: int
    peak_memory_mib: float
    turns: int
    moves: int


def first_picture_s(browser: Browser, server: AbstractContextManager[str], picture: str) -> float:
    """Seconds until a new server's first visitor sees a picture."""
    with server as address:
        page = browser.new_context().new_page()
        started = time.perf_counter()
        page.goto(address)
        page.locator(picture).first.wait_for(timeout=120_000)
        taken = time.perf_counter() - started
        page.context.close()
    return taken


def answers_ms(page: Page, picture: str, moves: int) -> list[float]:
    """Milliseconds from each of a slider's moves to the changed picture."""
    thumb = page.get_by_role("slider", name="Strength")
    thumb.focus()
    taken = []
    for _ in range(moves):
        page.evaluate(ANSWER, picture)
        page.keyboard.press("ArrowLeft")
        taken.append(float(page.evaluate("window.answered")))
        page.wait_for_timeout(150)
    return taken


def trained(browser: Browser, address: str, link: str = "") -> Page:
    """A session on Remove objects that has a probe."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}/remove_objects{link}")
    page.get_by_role("button", name="Train the probe").click(timeout=120_000)
    return page


def first_pictures_s(browser: Browser, runs: Path, turns: int) -> dict[str, float]:
    """Median seconds of `first_picture_s` by kind of server, the kinds in turns."""
    kinds: dict[str, tuple[Callable[[], AbstractContextManager[str]], str]] = {
        "own": (lambda: dashboard(runs), FIRST_SAMPLE),
        "run": (lambda: served("-m", "streamlit", "run", "apps/dashboard.py", "--server.port"), FIRST_SAMPLE),
        "bare": (bare_page, ONLY_PICTURE),
    }
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(turns):
        for kind, (server, picture) in kinds.items():
            taken[kind].append(first_picture_s(browser, server(), picture))
    return {kind: statistics.median(seconds) for kind, seconds in taken.items()}


def bare_page() -> AbstractContextManager[str]:
    """The peer's server."""
    return served("-m", "streamlit", "run", str(BARE), *QUIET, "--server.port")


def bare_answers_ms(browser: Browser, moves: int) -> list[float]:
    """`answers_ms` of the bare page."""
    with bare_page() as address:
        page = browser.new_context().new_page()
        page.goto(address)
        page.locator(ONLY_PICTURE).wait_for(timeout=120_000)
        taken = answers_ms(page, ONLY_PICTURE, moves)
        page.context.close()
    return taken


def own_answers_ms(browser: Browser, runs: Path, moves: int, n_sessions: int) -> tuple[list[float], float]:
    """`answers_ms` of Remove objects, and the MiB of the server with several sessions there."""
    with dashboard(runs) as address:
        pages = [trained(browser, address)]
        pages[0].locator(FIRST_RESULT).first.wait_for(timeout=120_000)
        pages[0].wait_for_timeout(1000)
        taken = answers_ms(pages[0], FIRST_RESULT, moves)
        pages += [trained(browser, address, f"?seed={seed}") for seed in range(1, n_sessions)]
        for page in pages:
            page.locator(FIRST_RESULT).first.wait_for(timeout=600_000)
        return taken, peak_memory_kb(address) / 1024


def measure(turns: int, moves: int, n_sessions: int) -> Waiting:
    """Drive both, in turns.

    Parameters
    ----------
    turns : int
        How often a server is started, of each kind.
    moves : int
        Of the slider, up to 20.
    n_sessions : int
        At once.
    """
    with chromium() as browser, TemporaryDirectory() as runs:
        first_s = first_pictures_s(browser, Path(runs), turns)
        bare_ms = bare_answers_ms(browser, moves)
        own_ms, memory_mib = own_answers_ms(browser, Path(runs), moves, n_sessions)
    slider, bare = statistics.median(own_ms), statistics.median(bare_ms)
    return Waiting(
        first_picture_s=first_s["own"],
        first_picture_streamlit_run_s=first_s["run"],
        first_picture_bare_s=first_s["bare"],
        first_picture_ratio=first_s["own"] / first_s["bare"],
        slider_ms=slider,
        slider_bare_ms=bare,
        slider_ratio=slider / bare,
        slider_longest_ms=max(own_ms),
        n_sessions=n_sessions,
        peak_memory_mib=memory_mib,
        turns=turns,
        moves=moves,
    )


@click.command(cls=Command)
@click.option("--turns", default=5, show_default=True, help="How often a server is started, of each kind.")
@click.option("--moves", type=click.IntRange(1, 20), default=15, show_default=True, help="Of the slider.")
@click.option("--sessions", default=10, show_default=True, help="At once, for the memory.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def main(turns: int, moves: int, sessions: int, as_json: bool) -> None:
    """Measure the dashboard beside a bare Streamlit page."""
    if CHROMIUM is None:
        raise InputError("benchmark: no Chromium; install the package chromium")
    if find_spec("playwright") is None:
        raise InputError("benchmark: no playwright; install dcgan_viz[dev]")
    found = asdict(measure(turns, moves, sessions))
    print(
        json.dumps(found) if as_json else "\n".join(f"{name}: {value:.4g}" for name, value in found.items())
    )


if __name__ == "__main__":
    main()
