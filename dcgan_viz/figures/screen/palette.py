"""The colours of roles as custom properties of CSS, for drawings that follow the page from light to dark."""

from __future__ import annotations

from dcgan_viz.figures import style
from dcgan_viz.figures.screen import dark
from dcgan_viz.figures.spec import Role


def variable(role: Role) -> str:
    """What stands for the colour of a role, to be written where CSS takes a colour.

    Examples
    --------
    >>> variable(Role.OURS)
    'var(--role-ours)'
    """
    return f"var(--role-{role.value})"


def properties() -> str:
    """Declarations of all custom properties; the colour scheme of the page around them decides.

    Examples
    --------
    >>> properties().split(";")[0]
    '--role-ours:light-dark(#0072b2,#56b4e9)'
    """
    pairs = {f"role-{role.value}": (style.ROLE_COLOURS[role], dark.ROLE_COLOURS[role]) for role in Role}
    pairs |= {
        "ink": (style.INK, dark.INK), "muted": (style.MUTED, dark.MUTED), "line": (style.LINE, dark.LINE),
        "page": (style.PAGE, dark.PAGE), "tinted": (style.TILE, dark.TILE),
    }  # fmt: skip
    return "".join(f"--{name}:light-dark({light},{night});" for name, (light, night) in pairs.items())


def rules() -> str:
    """A style sheet that gives the colours of paper in legends and beside pictures their dark twin.

    `blocks` writes them for a saved page, which has rules of its own for the dark.
    """
    pairs = [*((style.ROLE_COLOURS[role], f"role-{role.value}") for role in Role)]
    pairs += [(style.MUTED, "muted"), (style.PAGE, "page")]
    found = []
    for light, name in dict(pairs[::-1]).items():
        found += [f'.legend [{kind}="{light}"]{{{kind}:var(--{name})}}' for kind in ("fill", "stroke")]
        found.append(f'b[style*="color:{light}"]{{color:var(--{name})!important}}')
        found.append(f'i[style*="border-color:{light}"]{{border-color:var(--{name})!important}}')
    return "".join(found)
