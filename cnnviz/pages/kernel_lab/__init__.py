"""Kernel Lab: a picture, an editable kernel, and the feature maps they make."""
