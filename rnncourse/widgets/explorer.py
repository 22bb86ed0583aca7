"""What the explorers share: controls above, a picture below that answers within 100 ms.

    from rnncourse import widgets

    widgets.gradient_flow()          # the last line of a cell

With a running kernel the cell shows the live explorer. Stored notebooks, the web site and paper
show its first picture, an <img> with alt text, so that picture has to make the point unmoved.
Only what ipywidgets 7.7 (Colab) and 8 (JupyterLab) have in common is used here.
"""

import base64
import html
import sys
from functools import partial

import ipywidgets

__all__ = ["WIDE", "Explorer", "row"]

WIDE = 720  # px, the width of every picture
WIDGET = "application/vnd.jupyter.widget-view+json"
NAME = "rnncourse-explorer"
# What Python cannot ask for, a style element's `onload` can, once the explorer is on the page:
# 1. Jupyter takes keys pressed on a slider or a button for its own: d d would delete the cell, the
#    arrows would leave it. JupyterLab hears of a key after the explorer's controls, so that it can
#    be stopped there; Notebook 7 hears before them, but heeds no key on an element so marked.
# 2. A slider's handle has a role and no name: its label gives it one, as soon as it is there.
HOOK = f"""<style onload="
  const explorer = this.closest('.{NAME}');
  if (explorer && !explorer.dataset.listens) {{
    explorer.dataset.listens = 'true';
    explorer.addEventListener('keydown', event => event.stopPropagation());
    explorer.addEventListener('focusin', event => {{
      event.target.dataset.lmSuppressShortcuts = 'true';
    }});
    const name = () => explorer.querySelectorAll('.widget-slider').forEach(slider => {{
      const label = slider.querySelector('.widget-label')?.textContent;
      slider.querySelectorAll('.noUi-handle, .ui-slider-handle').forEach(handle => {{
        if (label) handle.setAttribute('aria-label', label);
      }});
    }});
    name();
    new MutationObserver(name).observe(explorer, {{childList: true, subtree: true}});
  }}
">
  .{NAME} .rnncourse-picture {{ background: white; overflow-x: auto; }}
  .{NAME} .rnncourse-picture svg {{ display: block; }}
  .{NAME} .widget-vslider .widget-label {{ font-size: 12px; }}
</style>"""


class Explorer:
    """A picture and the controls that move it.

    `draw(**values)` returns an Svg; `controls` are {name: widget with a value}, whose values it is
    given; `rows` says how the widgets stand above the picture (each in its own row, if not given),
    `below` what stands under it. `setters`, {name: function of the new value}, are for controls
    that move others: one picture is drawn after them. With `read`, draw gets what that function
    returns instead, for explorers that know more than their controls show. `still` holds the
    values of the picture that is stored, where they are not those of the beginning.
    """

    def __init__(self, draw, controls, *, rows=None, below=(), setters=None, read=None, still=None):
        self.controls = controls
        self._draw, self._read = draw, read or self.values
        self._setters, self._still = setters or {}, still or {}
        self._paused = False
        self._picture = ipywidgets.HTML()
        self._picture.add_class("rnncourse-picture")
        hook = ipywidgets.HTML(HOOK, layout=ipywidgets.Layout(display="none"))
        above = list(controls.values()) if rows is None else list(rows)
        self._box = ipywidgets.VBox([hook, *above, self._picture, *below])
        self._box.add_class(NAME)
        for name, control in controls.items():
            control.observe(partial(self._moved, name), "value")
        self.redraw()

    def values(self):
        """What the controls say: {name: value}."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def stored(self):
        """The controls' values in the picture that is stored: {name: value}."""
        return self.values() | self._still

    @property
    def picture(self):
        """The picture as it is now, an Svg."""
        return self._svg

    def redraw(self):
        """Draw for the values of now."""
        self._svg = self._draw(**self._read())
        self._picture.value = self._svg.source

    def _moved(self, name, change):
        if self._paused:
            return
        self._paused = True  # what a setter moves draws nothing
        try:
            self._setters.get(name, lambda value: None)(change["new"])
        finally:
            self._paused = False
        self.redraw()

    def _repr_mimebundle_(self, include=None, exclude=None):
        svg = self._draw(**self._read() | self._still)
        bundle = {"text/plain": f"Explorer: {svg.alt}"}
        view = {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}
        if "google.colab" not in sys.modules:  # there only what ipywidgets itself would send
            bundle["text/html"] = still(svg)
        return bundle | {WIDGET: view}


def still(svg):
    """The picture as an <img>: JupyterLab strips inline SVG from notebooks it does not trust."""
    data = base64.b64encode(svg.source.encode()).decode()
    return (
        f'<img alt="{html.escape(svg.alt)}" style="width: {WIDE}px; max-width: 100%; '
        f'background: white" src="data:image/svg+xml;base64,{data}">'
    )


def row(*widgets):
    """Widgets side by side, in as many lines as the page needs."""
    return ipywidgets.HBox(widgets, layout=ipywidgets.Layout(flex_flow="row wrap"))
