"""What a reader chooses, as a widget: the same script and the same form as on a finished page, and a value that a notebook can observe."""

import anywidget
import traitlets

from ikut_eval.dashboard.html import choices_html, widget_script
from ikut_eval.dashboard.page import Page


class Choices(anywidget.AnyWidget):
    """The choices of a page. In Voilà it joins the form that stands on the page, in JupyterLab it shows its own.

    Attributes
    ----------
    value : dict of str to str – what is chosen, by the name of the control; at first the first of each
    """

    _esm = widget_script()
    name = traitlets.Unicode().tag(sync=True)
    form = traitlets.Unicode().tag(sync=True)
    value = traitlets.Dict().tag(sync=True)

    def __init__(self, page: Page) -> None:
        first = {control.name: control.values[0] for control in page.controls}
        super().__init__(name=page.name, form=choices_html(page), value=first)
