"""Neural networks in torch; the only package that imports it."""
