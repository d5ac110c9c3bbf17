"""captum, one map at a time: it agrees with what is shown, and would not if that were wrong."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from dcgan_viz.guided_backprop import GuidedSettings, guided_backprop
from dcgan_viz.guided_backprop.audit import audit
from dcgan_viz.guided_backprop.look import Look
from dcgan_viz.guided_backprop.portrait import portrait
from dcgan_viz.guided_backprop.rules import RULES
from dcgan_viz.models.gan import Gan
from tests.guided_backprop.networks import LEAKY, RELUS
from tests.guided_backprop.planted import CONSTANT, GREEN, RED, SILENT, colour_gan, shapes

SETTINGS = GuidedSettings(filters=(RED, GREEN, SILENT), n_top=3)


@pytest.mark.parametrize("rule", RULES)
def test_captum_agrees(rule):
    result = guided_backprop(colour_gan(), shapes(), replace(SETTINGS, rule=rule), seed=0)
    assert result.audit is not None
    assert result.audit.n_maps == 2  # the third is dead
    assert result.audit.response_difference < 1e-5
    assert result.audit.map_difference < 1e-5
    assert result.to_json()["captum"] == vars(result.audit)


@pytest.mark.parametrize("kind", [*LEAKY, *RELUS])
def test_captum_agrees_on_every_form_of_an_activation(kind):
    gan = Gan(discriminator=kind().eval(), image_size=16)
    real = replace(shapes(20), masks=None, classes=())
    real = replace(real, images=real.images[:, :, :16, :16].contiguous())
    result = guided_backprop(gan, real, GuidedSettings(n_top=2), seed=0)
    assert result.audit is not None
    assert result.audit.n_maps > 0
    assert max(result.audit.response_difference, result.audit.map_difference) < 1e-5


def test_a_wrong_map_and_a_wrong_response_are_seen():
    look = Look.at(colour_gan(), shapes(), SETTINGS, seed=0)
    look.respond()
    look.draw_control()
    shown = portrait(look, RED)
    right = audit(look, [shown])
    wrong = audit(look, [replace(shown, maps=shown.maps.flip(2))])
    louder = replace(shown.top[0], response=1.5 * shown.top[0].response)
    other = audit(look, [replace(shown, top=(louder, *shown.top[1:]))])
    assert right is not None
    assert wrong is not None
    assert other is not None
    assert wrong.map_difference > 0.1 > 1e-5 > right.map_difference
    assert other.response_difference == pytest.approx(0.5, rel=1e-3)


def test_where_captum_has_no_name_or_nothing_is_shown_there_is_none():
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem, self.again = nn.Conv2d(3, 4, 4, 2, 1), nn.Conv2d(4, 4, 3, 1, 1)
            self.last = nn.Conv2d(4, 1, 12)

        def forward(self, images):
            x = torch.relu(self.stem(images))
            return self.last(torch.relu(self.again(torch.relu(self.again(x))))).flatten()

    torch.manual_seed(0)
    gan = Gan(discriminator=Twice().eval(), image_size=24)
    result = guided_backprop(gan, shapes(), GuidedSettings(layer="again#2", n_top=2), seed=0)
    assert any(not one.dead for one in result.filters)
    assert result.audit is None
    dead = guided_backprop(colour_gan(), shapes(), GuidedSettings(filters=(SILENT, CONSTANT)), seed=0)
    assert dead.audit is None
    assert dead.to_json()["captum"] is None
