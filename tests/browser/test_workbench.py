"""Drawing boxes, and watching long work."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.driving import SCREENSHOTS, Window, served, until_url
from tests.browser.pad import Pad
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

APP = Path(__file__).with_name("workbench.py")
UNDER_WAY = "() => Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')) > 0"
OPTIONS = ("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none")
COMMAND = ("-m", "streamlit", "run", str(APP), *OPTIONS, "--server.port")


@pytest.fixture(scope="module")
def bench() -> Iterator[str]:
    with served(*COMMAND) as address:
        yield address


def test_boxes_are_drawn_moved_resized_and_deleted_with_the_mouse(bench: str, window: Window) -> None:
    page = window.open(bench)
    pad = Pad(page)
    pad.drag((8, 8), (30, 24))
    pad.expect("8-8-30-24")
    pad.drag((15, 15), (25, 20))
    pad.expect("18-13-40-29")
    pad.drag((40, 29), (50, 40))
    pad.expect("18-13-50-40")
    pad.drag((60, 60), (52, 50))  # from below right
    pad.expect("18-13-50-40,52-50-60-60")
    pad.drag((30, 30), (99, -40))  # to the border and no further
    pad.expect("32-0-64-27,52-50-60-60")
    page.mouse.click(*pad.at(3, 3))  # a click draws nothing
    pad.drag((2, 40), (10, 50))
    pad.expect("32-0-64-27,52-50-60-60,2-40-10-50")
    pad.drag((20, 40), (30, 50))  # one too many
    page.get_by_role("button", name="Delete box 2").click()
    pad.expect("32-0-64-27,2-40-10-50")


def test_boxes_are_made_with_the_keyboard_alone(bench: str, window: Window) -> None:
    page = window.open(bench)
    pad = Pad(page)
    page.get_by_role("button", name="Add a box").focus()
    page.keyboard.press("Enter")
    pad.expect("24-24-40-40")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    pad.expect("23-25-40-40")
    assert page.get_by_role("button", name="Box 1: x 23 to 40, y 25 to 40").count() == 1
    page.keyboard.press("Delete")
    pad.expect("")


def test_boxes_are_drawn_with_a_finger(bench: str, browser: "Browser") -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = Window(context.new_page()).open(bench)
    pad = Pad(page)
    touch = context.new_cdp_session(page)

    def put(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    put("touchStart", pad.at(10, 12))
    put("touchMove", pad.at(20, 20))
    put("touchMove", pad.at(30, 40))
    put("touchEnd")
    pad.expect("10-12-30-40")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "box_pad_390.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


@pytest.mark.parametrize("end", ["touchEnd", "touchCancel"])
def test_a_second_finger_does_not_take_the_box(bench: str, browser: "Browser", end: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = Window(context.new_page()).open(bench)
    pad = Pad(page)
    touch = context.new_cdp_session(page)

    def put(kind: str, **fingers: tuple[float, float]) -> None:
        where = [
            {"x": x, "y": y, "id": ("first", "second").index(name)}
            for name, (x, y) in sorted(fingers.items())
        ]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    put("touchStart", first=pad.at(10, 12))
    put("touchMove", first=pad.at(30, 40))
    put("touchStart", first=pad.at(30, 40), second=pad.at(55, 60))
    put("touchMove", first=pad.at(30, 40), second=pad.at(60, 5))
    page.wait_for_timeout(100)  # a touch is told with the next picture
    assert page.get_by_role("button", name="Box 1: x 10 to 30, y 12 to 40").count() == 1
    put("touchEnd", second=pad.at(60, 5))
    put("touchMove", first=pad.at(34, 44))
    page.get_by_role("button", name="Box 1: x 10 to 34, y 12 to 44").wait_for()
    put(end)
    if end == "touchEnd":
        pad.expect("10-12-34-44")
    else:  # nobody meant it
        page.locator(".box").wait_for(state="detached")
        pad.expect("")
    context.close()


def test_boxes_are_in_the_link(bench: str, window: Window) -> None:
    page = window.open(f"{bench}/?boxes=1-2-30-40")
    Pad(page).expect("1-2-30-40")
    assert page.get_by_role("button", name="Box 1: x 1 to 30, y 2 to 40").count() == 1


def test_long_work_shows_progress_is_cancelled_and_begins_by_a_link(bench: str, window: Window) -> None:
    page = window.open(f"{bench}/?steps=4000")  # minutes, also where a click takes long
    page.get_by_role("button", name="Count").click()
    page.wait_for_function(UNDER_WAY)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Count").wait_for()
    assert page.get_by_text("counted=").count() == 0
    assert "started" not in page.url
    window.open(f"{bench}/?started=1")
    page.get_by_text("counted=40;").wait_for()
    until_url(page, "started=1")
    again = Window(page.context.new_page()).open(f"{bench}/?started=1")
    assert again.get_by_text("counted=40;").count() == 1  # kept: nobody counts twice


def test_work_ends_with_its_session(browser: "Browser", tmp_path: Path) -> None:
    log = tmp_path / "log"
    with served(*COMMAND, WORKBENCH_LOG=str(log), WORKBENCH_LINGER="0") as address:
        context = browser.new_context()
        Window(context.new_page()).page.goto(f"{address}/?started=1&steps=100000")  # more than an hour
        until(log.exists)
        context.close()
        until(lambda: log.read_text().endswith("."))
    assert set(log.read_text()[:-1]) == {"x"}


def test_work_outlives_a_connection_that_breaks(window: Window, tmp_path: Path) -> None:
    window.page.add_init_script(
        """window.sockets = [];
        window.WebSocket = class extends window.WebSocket {
          constructor(...words) { super(...words); window.sockets.push(this) }
        }"""
    )
    log = tmp_path / "log"
    with served(*COMMAND, WORKBENCH_LOG=str(log)) as address:
        page = window.open(f"{address}/?boxes=1-2-30-40&steps=200")
        page.get_by_role("button", name="Count").click()
        page.wait_for_function(UNDER_WAY)
        page.evaluate("window.sockets.forEach((socket) => socket.close())")
        page.wait_for_function("() => window.sockets.length > 1 && window.sockets.at(-1).readyState === 1")
        page.get_by_text("counted=200;").wait_for()
        assert page.get_by_text("boxes=1-2-30-40;").count() == 1
    assert log.read_text() == 200 * "x" + "."  # it went on; nobody began anew
    said = ("disconnected from server", "WebSocket is already in CLOSING or CLOSED state")
    assert [one for one in window.complaints if not any(words in one for words in said)] == []
    window.complaints.clear()  # the connection was broken on purpose
