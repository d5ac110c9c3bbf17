"""docs/filters.md: its options, rules, fields and example are those of the code."""

import re
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from dcgan_viz.guided_backprop import GuidedSettings, guided_backprop
from dcgan_viz.guided_backprop.command import main
from dcgan_viz.guided_backprop.rules import RULES
from dcgan_viz.output import strict_json
from tests.guided_backprop.planted import colour_gan, shapes

PAGE = (Path(__file__).parents[2] / "docs" / "filters.md").read_text(encoding="utf-8")


def section(title):
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_option_on_the_page_is_one_of_the_command():
    known = {name for parameter in main.params for name in parameter.opts}
    named = set(re.findall(r"--[a-z][a-z-]*", PAGE))
    assert named >= {"--layer", "--filters", "--rule", "--images", "--n-images", "--top", "--crop"}
    assert named - known == set()


def test_every_option_of_the_commands_own_is_on_the_page():
    own = [parameter.opts[0] for parameter in main.params if not hasattr(parameter, "section")]
    shared = {"--seed", "--device", "--out", "--force", "--json", "--quiet"}
    assert [name for name in own if name not in shared and name not in PAGE] == []


def test_the_help_names_what_the_page_names():
    text = " ".join(CliRunner().invoke(main, ["--help"]).stdout.split())
    assert "2,000" in text
    assert "2,000 real images" in PAGE
    assert "first 6" in text


def test_the_table_of_rules_is_that_of_the_code():
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", section("The rules"), re.MULTILINE)
    assert [name for name, _ in rows] == list(RULES)
    for name, formula in rows:
        if name != "plain":
            assert RULES[name].startswith(formula)


def test_the_fields_on_the_page_are_those_of_the_record():
    found = guided_backprop(colour_gan(), shapes(8), GuidedSettings(filters=(0,), n_top=2), seed=0)
    record = strict_json(found.to_json())
    assert isinstance(record, dict)
    one, alike = record["filters"][0], record["similarity_trained_random"][0]
    known = {*record, *one, *one["top"][0], *one["selectivity"]["red"], *alike, *record["captum"]}
    table = "\n".join(line for line in section("Reading result.json").splitlines() if line.startswith("| `"))
    named = set(re.findall(r"`(\w+)`", table))
    assert named - known == set()
    assert set(record) - named == set()


def test_the_example_runs():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names = {"images": torch.zeros(2, 3, 64, 64)}
    with pytest.warns(UserWarning, match="require gradients"):
        exec(compile(code, "docs/filters.md", "exec"), names)
    assert names["maps"].shape == (2, 3, 64, 64)
