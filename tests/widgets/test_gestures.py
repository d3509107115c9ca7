"""Bursts of change that are undone together."""

from cnnviz.widgets.gestures import BURST, Gesture


def test_bursts_end_with_a_rest(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    gesture = Gesture()
    first = gesture.key("a")
    now[0] += 0.5
    assert gesture.key("a") == first
    assert gesture.key("b") != first
    again = gesture.key("b")
    now[0] += BURST + 0.1
    assert gesture.key("b") != again
    assert Gesture().key() != Gesture().key()
