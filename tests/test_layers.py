"""The floors of the house: a file knows only what lies below it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

FLOORS = {
    "dcgan_viz": 0,
    "dcgan_viz.errors": 0,
    "dcgan_viz.exit_codes": 0,
    "dcgan_viz.output": 0,
    "dcgan_viz.seeds": 0,
    "dcgan_viz.models": 1,
    "dcgan_viz.provenance": 1,
    "dcgan_viz.data": 2,
    "dcgan_viz.cli": 2,
    "dcgan_viz.model_options": 2,
    "train": 3,
    "dcgan_viz.figures": 4,
    "dcgan_viz.__main__": 5,
    "dcgan_viz.figure_set": 5,
    "apps": 5,
}
ANALYSES = 3  # every other module of dcgan_viz


def floor(module: str) -> int:
    """Floor of a dotted name; a command beside its analysis may draw, so it is a surface."""
    if module.startswith("dcgan_viz.") and module.endswith((".command", ".__main__")):
        return 5
    parts = module.split(".")
    for length in range(len(parts), 1, -1):
        known = FLOORS.get(".".join(parts[:length]))
        if known is not None:
            return known
    return FLOORS.get(module, FLOORS.get(parts[0], 0) if parts[0] != "dcgan_viz" else ANALYSES)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in ("dcgan_viz", "train", "apps"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Full dotted names of what a module imports, save inside a function called main (a command)."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef) and node.name == "main":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        pending.extend(ast.iter_child_nodes(node))


def test_floors_are_read_from_names() -> None:
    assert floor("dcgan_viz.models.networks.Generator") == 1
    assert floor("dcgan_viz.sample") == floor("dcgan_viz.latent_walk.walk") == 3
    assert floor("dcgan_viz.remove_objects.probe") == 3
    assert floor("dcgan_viz.remove_objects.command") == 5
    assert floor("dcgan_viz.figures.style") == 4
    assert floor("dcgan_viz.errors.InputError") == 0
    assert floor("torch.nn") == 0


def test_no_floor_imports_one_above_it() -> None:
    upward = []
    for name, tree in modules():
        if name != "dcgan_viz":  # its lazy load is the one door from the top
            upward += [f"{name} imports {other}" for other in imports(tree) if floor(other) > floor(name)]
    assert upward == []


def test_nothing_but_the_trainer_imports_the_trainer() -> None:
    importers = [
        name
        for name, tree in modules()
        if not name.startswith("train")
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "train")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "train" for alias in node.names))
    ]
    assert importers == []


def test_the_trainer_imports_models_and_data_only() -> None:
    allowed = ("dcgan_viz.models", "dcgan_viz.data", "dcgan_viz.errors", "dcgan_viz.output", "dcgan_viz.cli")
    strays = [
        f"{name} imports {other}"
        for name, tree in modules()
        if name.split(".")[0] == "train"
        for other in imports(tree)
        if other.startswith("dcgan_viz.") and not other.startswith(allowed)
    ]
    assert strays == []


def test_the_library_never_prints() -> None:
    printing = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        if name.startswith("dcgan_viz")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []
