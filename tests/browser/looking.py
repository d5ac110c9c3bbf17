"""What has to hold on every page, whatever it shows: names, alternative texts, room, a visible focus."""

import io
import re
import time
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Page

ROLES = (
    "button",
    "link",
    "slider",
    "textbox",
    "spinbutton",
    "combobox",
    "checkbox",
    "radio",
    "switch",
    "img",
)
MOST_STOPS = 60
RING_PX = 14  # a ring lies outside of what it surrounds

# Also within shadow roots: the pages' own components have one each.
_ALL = """
  const within = (root) => [...root.querySelectorAll('*')].flatMap(
    (one) => [one, ...(one.shadowRoot ? within(one.shadowRoot) : [])])
  const parent = (one) => one.parentElement ?? one.getRootNode().host
"""
_NAMELESS = """(all) => all.filter((one) => !one.closest('[role=figure][aria-label]')
  && one.id !== 'js-plotly-tester').map((one) => one.outerHTML.slice(0, 160))"""  # a chart is one figure
_OUTSIDE = f"""() => {{ {_ALL}
  const main = document.querySelector('[data-testid=stMain]')
  const wide = within(main).filter((one) => {{
    const box = one.getBoundingClientRect()
    return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !hidden(one, main)
  }})
  function hidden(one, main) {{
    for (let up = parent(one); up && up !== main; up = parent(up)) {{
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(up).overflowX)) return true
    }}
    return false
  }}
  const scrolls = [document.documentElement, main].filter((one) => one.scrollWidth > one.clientWidth)
  return [...wide, ...scrolls].map((one) => one.outerHTML.slice(0, 160))
}}"""
_FOCUSED = """() => {
  let one = document.activeElement
  if (!document.querySelector('[data-testid=stMain]').contains(one)) return null
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement
  if (!one.matches('button, input, textarea, select, a, [role=slider]')) return null  // not what scrolls
  if (one.type === 'text') one.setSelectionRange(0, 0)  // a marked word is no ring
  one.scrollIntoView({ block: 'center' })
  const { x, y, width, height } = one.getBoundingClientRect()
  return { x, y, width, height }
}"""
_PLACES = f"""() => {{ {_ALL}
  return within(document.querySelector('[data-testid=stMain]')).map((one) => {{
    const {{ x, y, width, height }} = one.getBoundingClientRect()
    return [x, y, width, height].join()
  }}).join(' ')
}}"""
_BLUR = """() => {
  let one = document.activeElement
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement
  one.blur()
}"""


def without_name(page: "Page") -> list[str]:
    """Controls and pictures that a screen reader has nothing to say of."""
    found = []
    for role in ROLES:
        every = page.get_by_role(role)  # type: ignore[arg-type]
        named = page.get_by_role(role, name=re.compile(r"\S"))  # type: ignore[arg-type]
        rest = named.evaluate_all(_NAMELESS)
        for text in every.evaluate_all(_NAMELESS):
            if text in rest:
                rest.remove(text)
            else:
                found.append(f"{role}: {text}")
    return found


def without_alt(page: "Page") -> list[str]:
    """Pictures without an alternative text, or with an empty one, save those of a button that has a name."""
    found: list[str] = page.locator("img, canvas").evaluate_all(
        "all => all.filter(one => !(one.tagName === 'IMG' ? one.alt : one.ariaLabel ?? '').trim()"
        " && !one.closest('button')?.ariaLabel?.trim()).map(one => one.outerHTML.slice(0, 160))"
    )
    return found


def still(page: "Page") -> None:
    """Wait until nothing takes another place or size any more."""
    before, end = None, time.monotonic() + PATIENCE_S
    while (now := page.evaluate(_PLACES)) != before:
        assert time.monotonic() < end, "the page does not come to rest"
        before = now
        page.wait_for_timeout(400)


def overflowing(page: "Page") -> list[str]:
    """What sticks out of the window sideways, and is not within something that scrolls by itself."""
    found: list[str] = page.evaluate(_OUTSIDE)
    return found


def ring(page: "Page") -> int:
    """Go to the first control of the page by the Tab key alone; the pixels that show where one is."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        box = page.evaluate(_FOCUSED)
        if box is not None:
            break
    else:
        raise AssertionError(f"no control of the page within {MOST_STOPS} stops of Tab")
    clip = _around(page, page.evaluate(_FOCUSED))
    focused = _pixels(page, clip)
    page.evaluate(_BLUR)
    return int((np.abs(focused - _pixels(page, clip)).max(axis=2) >= 24).sum())


def _around(page: "Page", box: dict[str, float]) -> "FloatRect":
    size = page.viewport_size
    assert size is not None
    left, top = max(0.0, box["x"] - RING_PX), max(0.0, box["y"] - RING_PX)
    right = min(size["width"], box["x"] + box["width"] + RING_PX)
    bottom = min(size["height"], box["y"] + box["height"] + RING_PX)
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def _pixels(page: "Page", clip: "FloatRect") -> np.ndarray:
    shot = page.screenshot(clip=clip, animations="disabled")  # rings fade in: as they are in the end
    with Image.open(io.BytesIO(shot)) as image:
        return np.asarray(image.convert("RGB")).astype(int)
