"""The looks of the page; colours and type come from `style`."""

from __future__ import annotations

from dcgan_viz.figures import style

_RULES = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: PAGE; color: INK; font: 15px/1.45 SANS; }
main { max-width: 1480px; margin: 0 auto; padding: clamp(16px, 3vw, 40px); }
h1 { margin: 0; font-size: clamp(22px, 3vw, 32px); line-height: 1.2; letter-spacing: -0.01em; }
header p { margin: 6px 0 0; color: MUTED; font-size: clamp(15px, 1.5vw, 18px); }
.panels { display: grid; gap: 30px; margin-top: 24px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); }
.panel { min-width: 0; }
.wide { grid-column: 1 / -1; }
.tinted { background: TILE; border-radius: 8px; padding: 18px 20px; }
h2 { margin: 0 0 4px; font-size: 16px; line-height: 1.3; }
.axis { margin: 4px 0 0; font-size: 12px; }
.note { margin: 4px 0 0; color: MUTED; font-size: 13px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0 0 4px; padding: 0; list-style: none;
  color: MUTED; font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend svg { flex: none; }
.scroll { overflow-x: auto; }
.images { display: grid; gap: 4px; width: max-content;
  grid-template-columns: repeat(var(--columns), var(--width)); }
.images.labelled { grid-template-columns: 116px repeat(var(--columns), var(--width)); }
.narrow .images { width: 100%; max-width: max-content;
  grid-template-columns: repeat(var(--columns), minmax(0, var(--width))); }
.narrow .images.labelled { grid-template-columns: 116px repeat(var(--columns), minmax(0, var(--width))); }
.narrow .cell { width: 100%; height: auto; }
.narrow .cell img { height: auto; }
.images > small { text-align: center; color: MUTED; }
.cell { position: relative; display: block; width: var(--width); height: var(--height); }
.cell img { display: block; width: 100%; height: 100%; image-rendering: pixelated; }
.cell i { position: absolute; border: 2px solid; }
.apart { grid-column: 1 / -1; height: 10px; }
.row-label { position: sticky; left: 0; z-index: 1; background: PAGE; padding-right: 12px;
  display: flex; flex-direction: column; justify-content: center; text-align: right; line-height: 1.25;
  overflow-wrap: anywhere; }
.row-label b { font-size: 14px; }
.row-label small { color: MUTED; font-size: 12px; white-space: pre-line; }
.card { display: grid; gap: 18px 40px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); }
.tiles { display: grid; gap: 16px 24px; align-content: start;
  grid-template-columns: repeat(auto-fit, minmax(min(45%, 210px), 1fr)); }
.tile { display: flex; flex-direction: column; line-height: 1.3; }
.tile b { font-size: 30px; line-height: 1.2; }
.tile small { color: MUTED; font-size: 13px; }
table { border-collapse: collapse; align-self: start; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 0 5px 16px; text-align: right; }
tbody tr { border-top: 1px solid LINE; }
th[scope="row"] { padding-left: 0; text-align: left; font-weight: normal; color: MUTED; }
footer { margin-top: 30px; color: MUTED; font-size: 13px; }
@media (max-width: 640px) {
  .images.labelled { grid-template-columns: repeat(var(--columns), var(--width)); }
  .narrow .images.labelled { grid-template-columns: repeat(var(--columns), minmax(0, var(--width))); }
  .row-label { grid-column: 1 / -1; flex-direction: row; gap: 8px; width: max-content; align-items: baseline;
    padding-top: 6px; }
  .row-label small { white-space: normal; }
  .corner { display: none; }
  .tinted { padding: 14px 14px; }
}
"""


def _stylesheet() -> str:
    rules = _RULES
    for name in ("PAGE", "INK", "MUTED", "TILE", "LINE"):
        rules = rules.replace(name, getattr(style, name))
    return rules.replace("SANS", style.SANS_SCREEN)


STYLESHEET = _stylesheet()
