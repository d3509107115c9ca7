"""Signals: one-dimensional convolution, worked by hand, one window at a time."""
