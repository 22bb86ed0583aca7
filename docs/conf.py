"""Sphinx's settings for the site. `make site` stages the notebooks beside this file first."""

import json
import re
from itertools import pairwise
from pathlib import Path

from sphinx.search.en import SearchEnglish

PROJECT = json.loads(Path(__file__).with_name("project.json").read_text("utf-8"))

project = "rnncourse"
author = "The rnncourse authors"
copyright = "2026, the rnncourse authors"
extensions = ["myst_nb"]
source_suffix = {".ipynb": "myst-nb", ".md": "myst-nb"}
root_doc = "index"
exclude_patterns = ["static"]
nitpicky = False

# The notebooks are shown with the outputs that are committed; the tests keep these true.
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3

html_title = "rnncourse"
html_theme = "sphinx_book_theme"
html_static_path = ["static"]
html_css_files = ["course.css"]
html_js_files = ["explorers.js", ("scrolling.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
# Formulas are drawn by a file of ours, so that the site needs no other host.
mathjax_path = "mathjax-tex-svg-3.2.2.js"
mathjax3_config = {"options": {"enableMenu": False}}
html_theme_options = {
    "repository_url": PROJECT["repository"],
    "repository_branch": PROJECT["branch"],
    "path_to_docs": "",
    "use_repository_button": True,
    "use_issues_button": True,
    "home_page_in_toc": False,
    "navbar_persistent": [],  # the search stands in the sidebar already
    "show_toc_level": 2,
    "launch_buttons": {
        "binderhub_url": "https://mybinder.org",
        "colab_url": "https://colab.research.google.com",
        "notebook_interface": "jupyterlab",
    },
}


class SearchBoth(SearchEnglish):
    """English words by their stems; of a run of Chinese signs, also each sign and each pair.

    A search for three signs or more finds them inside the run.
    """

    def split(self, text):
        words = super().split(text)
        for run in re.findall("[\u4e00-\u9fff]+", text):
            words += [run, *run, *map("".join, pairwise(run))]
        return words


def setup(app):
    """Called by Sphinx."""
    app.add_search_language(SearchBoth)
