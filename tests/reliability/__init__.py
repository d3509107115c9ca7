"""Proof that the program holds: malformed files, kills, full disks, hours, monkeys.

Each part is sized by the fixture ``long``: a seeded sample in every run of the tests,
all of it with ``--long``. What it measured goes to :func:`reliability.figures.report`.
"""
