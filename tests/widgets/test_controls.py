"""Choices, sections, labelled rows and the banner."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QRadioButton, QToolButton

from cnnviz import theme
from cnnviz.widgets.controls import Banner, Choice, Section, Segmented, labelled
from cnnviz.widgets.fields import NumberField

GROUPS = (
    ("Edges", (("sobel", "Sobel", "Edges"), ("laplace", "Laplacian", "Edges too"))),
    ("Smoothing", (("box", "Box blur", "Mean"),)),
)


@pytest.fixture
def activation(qtbot):
    control = Segmented(
        [("none", "None"), ("relu", "ReLU"), ("abs", "Abs")], "Activation", "After"
    )
    qtbot.addWidget(control)
    control.show()
    control.told = []
    control.changed.connect(control.told.append)
    return control


@pytest.fixture
def recipe(qtbot):
    control = Choice(GROUPS, "Kernel", "By name", "Own kernel")
    qtbot.addWidget(control)
    control.show()
    control.setFocus()
    control.told = []
    control.chosen.connect(control.told.append)
    return control


def option(control, key):
    return control.findChildren(QRadioButton)[("none", "relu", "abs").index(key)]


def test_a_click_chooses_once(activation, qtbot):
    for _ in range(2):
        qtbot.mouseClick(option(activation, "relu"), Qt.MouseButton.LeftButton)
    assert activation.told == ["relu"]
    assert activation.current() == "relu"


def test_the_arrow_keys_choose(activation, qtbot):
    option(activation, "none").setFocus()
    qtbot.keyClick(option(activation, "none"), Qt.Key.Key_Right)
    qtbot.keyClick(option(activation, "relu"), Qt.Key.Key_Right)
    assert activation.told == ["relu", "abs"]
    qtbot.keyClick(option(activation, "abs"), Qt.Key.Key_Left)
    assert activation.current() == "relu"


def test_tab_stops_once_at_the_option_that_is_chosen(activation, qtbot):
    def stops():
        options = (option(activation, key) for key in ("none", "relu", "abs"))
        return [o.text() for o in options if o.focusPolicy() & Qt.FocusPolicy.TabFocus]

    assert stops() == ["None"]
    qtbot.mouseClick(option(activation, "abs"), Qt.MouseButton.LeftButton)
    assert stops() == ["Abs"]
    assert not option(activation, "abs").hasFocus(), "a click leaves the keys"
    activation.set_current("relu")
    assert stops() == ["ReLU"]
    activation.setFocus()
    qtbot.keyClick(option(activation, "relu"), Qt.Key.Key_Left)
    assert (stops(), activation.current()) == (["None"], "none")


def test_an_option_that_cannot_work_says_why(activation, qtbot):
    activation.set_reason("abs", "Not after max pooling")
    assert option(activation, "abs").toolTip() == "Not after max pooling"
    qtbot.mouseClick(option(activation, "abs"), Qt.MouseButton.LeftButton)
    assert activation.told == []
    activation.set_reason("abs", None)
    assert option(activation, "abs").isEnabled()
    assert option(activation, "abs").toolTip() == "After"


def test_setters_are_silent(activation, recipe, qtbot):
    with (
        qtbot.assertNotEmitted(activation.changed),
        qtbot.assertNotEmitted(recipe.chosen),
    ):
        activation.set_current("abs")
        activation.set_options([("a", "A"), ("b", "B")], "b")
        recipe.set_current("box")
        recipe.set_groups(GROUPS[:1])
    assert activation.current() == "b"
    assert recipe.current() == "sobel"


def test_options_are_named_for_a_screen_reader(activation):
    assert option(activation, "relu").accessibleName() == "Activation: ReLU"
    assert activation.accessibleName() == "Activation"


def test_keys_choose_and_skip_the_headings(recipe, qtbot):
    assert recipe.current() == "sobel"
    for _ in range(3):
        qtbot.keyClick(recipe, Qt.Key.Key_Down)
    assert recipe.told == ["laplace", "box"]
    assert not recipe.model().item(0).isEnabled()


def test_an_unknown_id_shows_the_placeholder(recipe):
    recipe.set_current("mine")
    assert recipe.current() == "" and recipe.currentIndex() == -1
    assert recipe.placeholderText() == "Own kernel"


def test_a_labelled_control_is_named_after_its_label(qtbot):
    field = NumberField("", "", low=0, high=1)
    row = labelled("Wavelength", field, "pixels")
    qtbot.addWidget(row)
    assert field.accessibleName() == "Wavelength"
    assert [label.text() for label in row.findChildren(QLabel)] == [
        "Wavelength",
        "pixels",
    ]


def test_a_section_holds_controls_under_its_heading(qtbot):
    section = Section("Window")
    qtbot.addWidget(section)
    field = NumberField("Bias", "", low=0, high=1)
    section.add(field)
    assert section.isAncestorOf(field)
    assert section.findChild(QLabel).text() == "Window"


def test_the_banner_shows_until_it_is_closed(qtbot):
    banner = Banner()
    qtbot.addWidget(banner)
    assert banner.text() == ""
    banner.show_message("The file is no picture; choose another.")
    assert banner.text() == banner.accessibleName()
    qtbot.keyClick(banner.findChild(QToolButton), Qt.Key.Key_Escape)
    assert banner.isHidden() and banner.text() == ""
    banner.show_message("Again.")
    qtbot.mouseClick(banner.findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert banner.isHidden()


def test_a_long_title_ends_in_dots_in_the_field(qtbot, qapp):
    theme.apply(qapp, "light", 100)

    def painted(title):
        control = Choice((("", (("one", title, ""),)),), "Layer", "Whose channel")
        qtbot.addWidget(control)
        control.resize(124, 32)
        control.show()
        return control.grab().toImage()

    whole = painted("2 ConvTranspose2d")
    dotted = ["2 ConvTranspose2d"[:n] + "…" for n in range(1, 9)]
    assert whole in [painted(title) for title in dotted]
