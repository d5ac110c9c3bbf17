"""Remove objects on a generator whose target is known, with boxes that are known too."""

import json
from collections.abc import Sequence
from typing import Any

from streamlit.testing.v1 import AppTest

from apps.remove_objects.boxes import ground_of
from apps.remove_objects.fields import BOXES, HandBoxes
from dcgan_viz.data.box import Boxes
from dcgan_viz.models.prior import Prior
from tests.apps.conftest import Start, mounted
from tests.apps.pages import rerun
from tests.remove_objects.planted import NZ, true_boxes

SIZE, CHANNELS = 32, 3


def networks(discriminator: bool = True) -> list[str]:
    size = json.dumps({"size": SIZE, "channels": CHANNELS})
    words = ["--generator", "tests.remove_objects.planted:Planted", "--generator-args", size]
    if discriminator:
        words += ["--discriminator", "tests.remove_objects.planted:Sorter", "--discriminator-args", size]
    return [*words, "--prior", f"uniform:{NZ}"]


def boxes_of(seed: int, n_images: int = 40) -> Boxes:
    found = true_boxes(Prior("uniform", NZ).sample(150, seed), SIZE)
    first = dict(list(found.by_image.items())[:n_images])
    return Boxes("stamp", SIZE, first)


def follow(app: AppTest, values: dict[str, str]) -> AppTest:
    """Come to the page by a link."""
    app.switch_page("views/samples.py").run()
    app.switch_page("views/remove_objects.py")
    app.query_params.update(values)
    app.run()
    assert not app.exception, app.exception
    return app


def with_boxes(
    start: Start, *, seed: int = 0, discriminator: bool = True, arguments: Sequence[str] = (), **more: str
) -> AppTest:
    """The page with boxes in its link, as somebody else's session left it."""
    app = start(*(arguments or networks(discriminator)), seed=str(seed))
    ground = ground_of(app.session_state["dcgan_viz.current"])
    text = BOXES.text(HandBoxes.of(ground, boxes_of(seed).by_image))
    return follow(app, {"removal_target": "stamp", "removal_boxes": text, **more})


def button(app: AppTest, words: str) -> Any:
    (found,) = [one for one in app.button if one.label == words]
    return found


def wait(app: AppTest, there: str) -> None:
    """Run the page until a job is done and a component is there."""
    rerun(app, lambda: there in mounted(app))


def trained(start: Start, **options: Any) -> AppTest:
    app = with_boxes(start, **options)
    button(app, "Train the probe").click().run()
    wait(app, "removal.columns")
    return app
