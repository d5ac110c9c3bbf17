"""Floor 4: how a result looks.

A picture is described once (`spec`), and drawn twice: by matplotlib for print (`print`) and by plotly for
the screen (`screen`). `save.save_figure` writes both. Nothing here computes a number; a number in a figure
is a number of its `result.json`.
"""
