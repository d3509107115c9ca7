"""Run the long part of tests/reliability, and write its figures into the README.

usage: python3 packaging/dev.py reliability [--records FOLDER] [--write] [ARGUMENT ...]

Each part of the suite leaves a record of what it measured; the section of the README
between two marks is made anew from them. With --records they are kept in a folder
instead, so that the parts can be run one by one (`-k closing`); --write runs nothing
and writes what is there. All other arguments go to pytest.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BEGIN = "<!-- figures of reliability: packaging/dev.py reliability writes them -->"
END = "<!-- end of the figures of reliability -->"

UNITS = {"seconds": "s", "minutes": "min", "mb": "MB", "bytes": "bytes"}
"""What the last word of a figure's name says, and how it is written."""

COMMAND = ("-m", "pytest", "tests/reliability", "--long", "-q")


def main(words: list[str]) -> int:
    """Run, gather and write; return pytest's exit status."""
    parser = argparse.ArgumentParser(usage=(__doc__ or "").split("\n\n")[1][7:])
    parser.add_argument("--records", type=Path)
    parser.add_argument("--write", action="store_true")
    options, others = parser.parse_known_args(words)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.records or Path(temporary) / "records"
        folder.mkdir(parents=True, exist_ok=True)
        results = Path(temporary) / "results.xml"
        begin, status = time.monotonic(), 0
        if not options.write:
            status = run(folder.resolve(), results, others)
            if options.records:
                return status
        minutes = (time.monotonic() - begin) / 60
        records, bad = read(folder), failures(results)
    if not records:
        print("There are no figures, so the README stays as it is.", file=sys.stderr)
        return status or 1
    text = README.read_text("utf-8")
    about = [occasion(date.today(), 0 if options.write else minutes)]
    if bad:
        about.append(f"Failed in this run: {', '.join(bad)}.")
    README.write_text(put(text, section(records, about)), "utf-8")
    print(f"{len(records)} parts are in the README now.")
    return status


def run(folder: Path, results: Path, arguments: list[str]) -> int:
    """Run the suite; its records go to a folder, its results to an XML file."""
    command = [sys.executable, *COMMAND, f"--junit-xml={results}", *arguments]
    environment = {**os.environ, "CNNVIZ_RELIABILITY_OUT": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the records in a folder, by the names of their parts."""
    files = sorted(folder.glob("*.json"))
    return [json.loads(file.read_text("utf-8")) for file in files]


def failures(results: Path) -> list[str]:
    """Return the names of the tests that failed, from pytest's XML file."""
    if not results.exists():
        return []
    cases = ElementTree.parse(results).iter("testcase")
    return [
        f"`{case.get('name')}`"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]


def occasion(day: date, minutes: float) -> str:
    """Say when and on what the figures were measured; 0 minutes: in several runs."""
    day_and_time = f"on {day.day} {day:%B %Y} in {minutes:.0f} minutes"
    if not minutes:
        day_and_time = f"in several runs, the last on {day.day} {day:%B %Y}"
    return (
        f"Measured {day_and_time}, with Python {platform.python_version()} on "
        f"{system()}, {os.cpu_count()} cores."
    )


def system() -> str:
    """Return the operating system and the kind of processor, and no host's name."""
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (AttributeError, OSError, KeyError):
        name = f"{platform.system()} {platform.release().partition('-')[0]}"
    return f"{name} ({platform.machine()})"


def section(records: list[dict[str, Any]], about: list[str]) -> str:
    """Return the sentences and a table with a row for each part."""
    rows = [f"| {title(each['part'])} | {figures(each)} |" for each in records]
    return "\n".join([*about, "", "| part | figures |", "|---|---|", *rows])


def title(part: str) -> str:
    """Return the name of a part for the eye: ``"Malformed pictures"``."""
    return part.replace("-", " ").capitalize()


def figures(record: dict[str, Any]) -> str:
    """Return what a part measured, in one line: ``closings 50, longest 0.6 s``."""
    parts = []
    for name, value in record["figures"].items():
        words = name.split("_")
        unit = UNITS.get(words[-1], "")
        label = " ".join(words[:-1] if unit else words)
        number = f"{value:,}" if isinstance(value, int | float) else str(value)
        parts.append(f"{label} {number} {unit}".strip().replace("|", "/"))
    return ", ".join(parts)


def put(text: str, made: str) -> str:
    """Return a text with what lies between the two marks made anew.

    Raises
    ------
    ValueError
        A mark is absent.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError("The README must hold each of the two marks once.")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
