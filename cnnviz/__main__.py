"""``cnnviz`` and ``python -m cnnviz``."""

from __future__ import annotations

import os
import sys

from cnnviz import cli


def main() -> int:
    """Do what the command line says and return the exit code."""
    if getattr(sys, "frozen", False):
        import multiprocessing  # 10 ms that only a bundle needs

        multiprocessing.freeze_support()
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None in a windowed bundle
        stream.reconfigure(errors="replace")  # a terminal may lack × or −
    try:
        os.getcwd()
    except OSError:  # it is gone, and Intel's MKL would end the process without one
        os.chdir(os.path.abspath(os.sep))
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
