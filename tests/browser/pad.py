"""Drawing boxes on a picture, as a hand does it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Pad:
    """The picture on the page, in its own pixels."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        stage = page.locator(".stage")
        stage.wait_for()
        frame = stage.bounding_box()
        assert frame is not None
        self.left, self.top, self.scale = frame["x"], frame["y"], frame["width"] / 64

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        mouse = self.page.mouse
        mouse.move(*self.at(*start))
        mouse.down()
        mouse.move(*self.at(*end), steps=4)
        mouse.up()

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.left + x * self.scale, self.top + y * self.scale

    def expect(self, boxes: str) -> None:
        """Wait until the server knows these boxes, and no others."""
        self.page.get_by_text(f"boxes={boxes};", exact=True).wait_for()
