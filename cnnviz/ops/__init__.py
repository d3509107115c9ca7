"""The lesson's own arithmetic: numpy and OpenCV, no Qt and no torch."""
