"""The Inspect page: every layer of a network for one picture, and the sums."""
