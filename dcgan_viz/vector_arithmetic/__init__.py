"""Arithmetic on z, with neighbours, a turn, and controls (section 6.3.2 of the paper)."""

from dcgan_viz.vector_arithmetic.analysis import arbitrary_recipe, choose_recipe, vector_arithmetic
from dcgan_viz.vector_arithmetic.recipe import Recipe, TurnRecipe
from dcgan_viz.vector_arithmetic.recipe_file import read_recipe, write_recipe
from dcgan_viz.vector_arithmetic.settings import ArithmeticSettings

__all__ = [
    "ArithmeticSettings",
    "Recipe",
    "TurnRecipe",
    "arbitrary_recipe",
    "choose_recipe",
    "read_recipe",
    "vector_arithmetic",
    "write_recipe",
]
