"""The drawing of local connection, weight sharing and full connection."""

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from cnnviz import theme
from cnnviz.widgets.connections import (
    ConnectionsDiagram,
    Link,
    Network,
    full,
    local,
    shared_color,
)


def test_the_lectures_picture():
    links = local(7, (0, 1, 2), 1, (0, 1, 2))
    assert len(links) == 15 and {link.weight for link in links} == {0, 1, 2}
    assert [link for link in links if link.target == 4] == [
        Link(4, 4, 0),
        Link(5, 4, 1),
        Link(6, 4, 2),
    ]
    assert len(full(7, 5)) == len({link.weight for link in full(7, 5)}) == 35


@settings(deadline=None)
@given(st.integers(3, 12), st.integers(1, 5), st.integers(1, 3), st.integers(1, 3))
def test_no_link_leaves_the_inputs(inputs, taps, stride, dilation):
    places = tuple(dilation * tap for tap in range(taps))
    if places[-1] >= inputs:
        return
    links = local(inputs, places, stride, tuple(range(taps)))
    assert all(0 <= link.source < inputs for link in links)
    assert max(link.source for link in links) > inputs - 1 - stride


def shown(qtbot, shared):
    theme.apply(QApplication.instance(), "light", 100)
    diagram = ConnectionsDiagram("Connections", "tip")
    qtbot.addWidget(diagram)
    links = local(7, (0, 1, 2), 1, (0, 1, 2)) if shared else full(7, 5)
    diagram.set_network(Network(7, 5, links, shared, "title", "caption"), 2)
    diagram.resize(420, 360)
    diagram.show()
    return diagram


def test_a_shared_weight_has_its_colour(qtbot):
    diagram = shown(qtbot, True)
    image = diagram.grab().toImage()
    for source, weight in ((2, 0), (4, 2)):
        one, other = diagram.input_at(source), diagram.hidden_at(2)
        middle = one + (other - one) * 0.6
        assert image.pixelColor(middle.toPoint()) == shared_color(weight)


def test_the_links_of_one_unit_stand_out(qtbot):
    diagram = shown(qtbot, False)
    one, other = diagram.input_at(6), diagram.hidden_at(2)
    at = (one + (other - one) * 0.85).toPoint()
    assert diagram.grab().toImage().pixelColor(at) == theme.color("highlight")


def test_the_pointer_chooses_a_unit(qtbot):
    diagram = shown(qtbot, True)
    told = []
    diagram.chosen.connect(told.append)
    qtbot.mouseMove(diagram, diagram.hidden_at(4).toPoint())
    qtbot.mouseMove(diagram, QPoint(10, 350))
    assert told == [4]
    assert "caption" in diagram.accessibleDescription()
