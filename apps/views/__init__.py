"""The dashboard's pages, in the order of the navigation: a file each, and a line each in this table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A page in the navigation.

    Attributes
    ----------
    name : str
        Its file is ``apps/views/<name>.py``, its address ``/<name>``.
    title : str
        In the navigation.
    icon : str
        Of the symbols that Streamlit brings along.
    """

    name: str
    title: str
    icon: str


PAGES = (
    Entry("samples", "Samples", ":material/grid_view:"),
    Entry("filters", "Filters", ":material/filter_center_focus:"),
    Entry("remove_objects", "Remove objects", ":material/ink_eraser:"),
    Entry("latent_walk", "Latent walk", ":material/route:"),
    Entry("arithmetic", "Arithmetic", ":material/calculate:"),
    Entry("runs", "Runs", ":material/show_chart:"),
    Entry("report", "Report", ":material/menu_book:"),
)
