"""What can be done with the sum on show: open it in other pages, list all its terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.errors import InputError
from cnnviz.pages.inspect import handing
from cnnviz.pages.inspect.all_terms import AllTerms
from cnnviz.pages.pictures import keep

if TYPE_CHECKING:
    from cnnviz.pages.inspect.explanation import Explanation
    from cnnviz.pages.inspect.page import InspectPage


class TermsCommands:
    """Carries out what the buttons under a sum ask for, on the page.

    Parameters
    ----------
    page : InspectPage
    explanation : Explanation
        Which shows the sum.
    """

    def __init__(self, page: InspectPage, explanation: Explanation) -> None:
        self._page, self._explanation = page, explanation
        terms = explanation.terms
        terms.windows_asked.connect(self._open_windows)
        terms.lab_asked.connect(self._open_lab)
        terms.all_asked.connect(self._open_table)

    def _open_windows(self) -> None:
        made = self._explanation.made
        if made is None:
            return
        try:
            data = handing.for_windows(made, self._page.state.channel)
        except InputError as error:
            self._page.show_message(str(error))
        else:
            self._page.handed_over.emit("windows", data)

    def _open_lab(self) -> None:
        made, seen = self._explanation.made, self._explanation.seen
        if made is None or seen is None:
            return
        try:
            pixels, stage = handing.for_lab(seen, made, self._page.state.channel)
            picture = keep(pixels.astype("float32"))
        except InputError as error:
            self._page.show_message(str(error))
        else:
            data = {"picture": picture, "stages": [stage], "pin": list(made.place[1:])}
            self._page.handed_over.emit("kernel-lab", data)

    def _open_table(self) -> None:
        explanation = self._explanation
        if explanation.made is not None:
            AllTerms(explanation.made.terms, explanation.position, self._page).open()
