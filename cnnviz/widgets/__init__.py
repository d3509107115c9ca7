"""Widgets: numpy in, signals out; a widget knows no page."""
