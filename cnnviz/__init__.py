"""See and touch a convolutional neural network."""

__version__ = "0.1.0.dev0"
