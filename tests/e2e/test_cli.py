"""The command line as a script meets it: words in; files, sentences, exit codes out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from cnnviz import session
from cnnviz.codec import to_json
from cnnviz.ops import colour, images, kernels
from cnnviz.ops.pipeline import Pool, Stage, run_stage
from cnnviz.ops.recipes import RECIPES
from cnnviz.ops.samples import SAMPLES, photograph_path
from cnnviz.pages.kernel_lab.state import State
from cnnviz.palette import LIGHT, sequential_table, signed_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

PHOTO, CAT = photograph_path("camera.png"), photograph_path("chelsea.png")
SOBEL = torch.tensor([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
PIPELINE = (
    Stage(activation="relu", pool=Pool()),
    Stage((kernels.make("box"), kernels.make("laplacian")), chosen=1, bias=3.0),
)


def cnnviz(*words: object, code: str = "", **environment: str) -> Any:
    """Run the program, or some code that uses it, in a process of its own."""
    command = ["-c", code] if code else ["-m", "cnnviz"]
    return subprocess.run(
        [sys.executable, "-W", "error", *command, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, **environment},
    )


def read(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def planes(path: Path) -> torch.Tensor:
    """Return a picture as a batch of its channels, (C, 1, H, W), without cnnviz."""
    pixels = torch.tensor(np.atleast_3d(read(path)), dtype=torch.float32)
    return pixels.permute(2, 0, 1)[:, None]


def sobel(path: Path, **options: Any) -> torch.Tensor:
    return F.conv2d(planes(path), SOBEL, **options)


def assert_equal(file: Path, expected: torch.Tensor) -> None:
    """Compare a saved map, (H, W) or (H, W, C), with torch's (C, 1, H, W)."""
    values = np.load(file)
    assert values.dtype == np.float32
    channels = np.atleast_3d(values).transpose(2, 0, 1)
    close = 1e-5 * float(expected.abs().max())
    np.testing.assert_allclose(channels, expected[:, 0], rtol=0, atol=close)


def save(path: Path, state: State) -> Path:
    pages = {"kernel-lab": to_json(state)}
    session.write(session.Session("kernel-lab", pages), path)
    return path


# ------------------------------------------------------------------ apply


def test_the_line_of_the_readme_on_a_real_photograph(tmp_path):
    out, npy = tmp_path / "out.png", tmp_path / "out.npy"
    words = "--kernel sobel-vertical --stride 2 --padding 1 --relu --pool max:2".split()
    done = cnnviz("apply", PHOTO, *words, "-o", out, "--npy", npy)
    assert (done.returncode, done.stderr) == (0, "")
    assert "128 × 128" in done.stdout
    assert_equal(npy, F.max_pool2d(F.relu(sobel(PHOTO, stride=2, padding=1)), 2))
    values = np.load(npy)
    places = np.rint(values * (255 / values.max())).astype(int)
    np.testing.assert_array_equal(read(out), sequential_table()[places, 0, ::-1])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", lambda: sobel(PHOTO, padding="same")),
        (
            "--stride 2,3 --padding 2,0 --dilation 1,4",
            lambda: sobel(PHOTO, stride=(2, 3), padding=(2, 0), dilation=(1, 4)),
        ),
        ("--stride 2", lambda: sobel(PHOTO, stride=2, padding=1)),
        (
            "--stride 1,3 --dilation 4,2",
            lambda: sobel(PHOTO, stride=(1, 3), padding=(4, 2), dilation=(4, 2)),
        ),
        ("--convolution --padding full", lambda: -sobel(PHOTO, padding=2)),
        ("--bias -12.5 --abs --padding valid", lambda: (sobel(PHOTO) - 12.5).abs()),
        (
            "--padding 1 --padding-mode reflect --pool average:3,2:1",
            lambda: F.avg_pool2d(
                F.conv2d(F.pad(planes(PHOTO), (1, 1, 1, 1), "reflect"), SOBEL),
                (3, 2),
                1,
            ),
        ),
    ],
)
def test_a_setting_means_what_it_means_in_torch(
    tmp_path, words: str, expected: Callable[[], torch.Tensor]
):
    done = cnnviz("apply", PHOTO, *words.split(), "--npy", tmp_path / "out.npy")
    assert (done.returncode, done.stderr) == (0, "")
    assert_equal(tmp_path / "out.npy", expected())


def test_colours_are_filtered_one_by_one(tmp_path):
    out, npy = tmp_path / "out.png", tmp_path / "out.npy"
    done = cnnviz("apply", CAT, "--colour", "--npy", npy, "-o", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert_equal(npy, sobel(CAT, padding="same"))
    assert read(out).shape == read(CAT).shape


def test_a_map_with_negative_values_has_zero_in_the_neutral_colour(tmp_path):
    out, npy = tmp_path / "out.png", tmp_path / "out.npy"
    cnnviz("apply", "sample:step-edges", "-o", out, "--npy", npy)
    neutral = signed_table(LIGHT)[128, 0, ::-1]
    zero = np.load(npy) == 0
    assert zero.any()
    np.testing.assert_array_equal((read(out) == neutral).all(axis=2), zero)


@pytest.mark.parametrize(
    "kernel",
    [
        "-1 0 1; -2 0 2; -1 0 1",
        "−1 0 1;−2 0 2;−1 0 1",
        "[[-1,0,1],[-2,0,2],[-1,0,1]]",
        "sobel.csv",
        "sobel.npy",
    ],
)
def test_a_kernel_is_a_name_rows_of_numbers_or_a_file(tmp_path, kernel):
    weights = SOBEL.numpy()[0, 0]
    np.savetxt(tmp_path / "sobel.csv", weights, delimiter=",")
    np.save(tmp_path / "sobel.npy", weights)
    if "." in kernel:
        kernel = tmp_path / kernel
    npy = tmp_path / "out.npy"
    done = cnnviz("apply", PHOTO, "--kernel", kernel, "--npy", npy)
    assert (done.returncode, done.stderr) == (0, "")
    assert_equal(npy, sobel(PHOTO, padding="same"))


def test_one_number_is_a_kernel(tmp_path):
    done = cnnviz("apply", PHOTO, "--kernel", "3", "--npy", tmp_path / "out.npy")
    assert (done.returncode, done.stderr) == (0, "")
    assert_equal(tmp_path / "out.npy", 3 * planes(PHOTO))


def test_a_kernel_by_name_takes_parameters(tmp_path):
    npy = tmp_path / "out.npy"
    words = "--kernel", "gaussian-sigma:size=5,sigma=0.8", "--padding", "valid"
    done = cnnviz("apply", PHOTO, *words, "--npy", npy)
    assert (done.returncode, done.stderr) == (0, "")
    y, x = np.indices((5, 5)) - 2
    weights = np.exp(-(x**2 + y**2) / (2 * 0.8**2))
    weights = torch.tensor(weights / weights.sum(), dtype=torch.float32)
    assert_equal(npy, F.conv2d(planes(PHOTO), weights[None, None]))


def test_a_saved_state_is_applied_with_its_picture_or_another(tmp_path):
    state = State("sample:chelsea", "colour", stages=PIPELINE)
    file, npy = save(tmp_path / "lesson.cnnviz", state), tmp_path / "out.npy"
    for words, picture in (([], CAT), ([PHOTO], PHOTO)):
        done = cnnviz("apply", *words, "--state", file, "--npy", npy)
        assert (done.returncode, done.stderr) == (0, "")
        values = images.load(picture).colour
        for stage in PIPELINE:
            values = run_stage(values, stage).pooled
        np.testing.assert_array_equal(np.load(npy), values)


def test_a_saved_state_takes_its_photograph_from_beside_it(tmp_path):
    file, npy = tmp_path / "lesson.cnnviz", tmp_path / "out.npy"
    save(file, State("/nowhere/gone.png"))
    words = ("--state", file, "--npy", npy)
    done = cnnviz("apply", *words)
    assert done.returncode == 1
    assert done.stderr == (
        "cnnviz apply: “gone.png” is missing: put it beside “lesson.cnnviz”, or name "
        "another picture.\n"
    )
    assert cnnviz("apply", PHOTO, *words).returncode == 0
    assert_equal(npy, sobel(PHOTO, padding=1))
    shutil.copy(PHOTO, tmp_path / "gone.png")
    npy.unlink()
    assert cnnviz("apply", *words).returncode == 0
    assert_equal(npy, sobel(PHOTO, padding=1))


def test_the_list_names_every_kernel_and_sample():
    done = cnnviz("apply", "--list")
    assert (done.returncode, done.stderr) == (0, "")
    words = done.stdout.split()
    assert {recipe.id for recipe in RECIPES} < set(words)
    assert {f"sample:{sample.id}" for sample in SAMPLES} < set(words)


def test_help_tells_examples_and_exit_codes():
    for words in (["--help"], ["apply", "--help"]):
        done = cnnviz(*words)
        assert (done.returncode, done.stderr) == (0, "")
        for part in ("examples:", "exit codes: 0 done; 1 ", "2 the command line"):
            assert part in done.stdout


def test_apply_needs_neither_qt_nor_torch(tmp_path):
    code = """
import sys
from cnnviz import cli
code = cli.main(sys.argv[1:])
print(code, {"PySide6", "torch", "pyqtgraph", "skimage"} & set(sys.modules))
"""
    done = cnnviz("apply", "sample:coffee", "--npy", tmp_path / "o.npy", code=code)
    assert done.stdout.endswith("0 set()\n"), done.stderr


@pytest.mark.parametrize("words", [["--help"], ["apply", "--list"], ["apply"]])
def test_a_terminal_without_these_characters_gets_others(tmp_path, words):
    if words == ["apply"]:
        words = ["apply", PHOTO, "-o", tmp_path / "out.png"]
    done = cnnviz(*words, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")


# ------------------------------------------------------------------ bad input


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with files of no use, and one that must stay as it is."""
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("I am no picture.")
    (tmp_path / "cut.png").write_bytes(PHOTO.read_bytes()[:9000])
    (tmp_path / "ragged.csv").write_text("1,2\n3\n")
    (tmp_path / "damaged.cnnviz").write_text("{")
    (tmp_path / "newer.cnnviz").write_text('{"format": "cnnviz", "version": 99}')
    other = session.Session("train", {"train": {}})
    session.write(other, tmp_path / "other.cnnviz")
    small = replace(State(), stages=(Stage(),) + 7 * (Stage(pool=Pool()),))
    save(tmp_path / "deep.cnnviz", replace(small, picture="sample:lecture-4x4"))
    (tmp_path / "out.png").write_text("mine")
    return tmp_path


def filled(words: list[str], folder: Path) -> list[str]:
    return [word.format(folder=folder, photo=PHOTO) for word in words]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["{folder}/absent.png"], "there is no such file"),
        (["{folder}"], "it is a folder"),
        (["{folder}/empty.png"], "is empty"),
        (["{folder}/text.png"], "is not a picture"),
        (["{folder}/cut.png"], "is damaged or incomplete"),
        (["sample:dog"], "no sample “dog”"),
        (["{photo}", "--kernel", "nonsense"], "cnnviz apply --list"),
        (["{photo}", "--kernel", "1 2; 3"], "Row 2 has another length"),
        (["{photo}", "--kernel", "1 nan"], "cannot be a weight"),
        (["{photo}", "--kernel", "1 1e99"], "cannot be a weight"),
        (["{photo}", "--kernel", "{folder}/ragged.csv"], "Row 2 has another length"),
        (["{photo}", "--kernel", "{folder}/absent.npy"], "there is no such file"),
        (["{photo}", "--kernel", "gabor:angle=999"], "between 0 and 180"),
        (["{photo}", "--kernel", "gabor:angel=9"], "its parameters: size, angle"),
        (["{photo}", "--kernel", "gabor:angle"], "size=9,sigma=2"),
        (["{photo}", "--bias", "nan"], "bias"),
        (["{photo}", "--bias", "1e300"], "bias"),
        (["{photo}", "--stride", "0"], "choose 1 to"),
        (["{photo}", "--stride", "2", "--padding", "same"], "needs stride 1"),
        (["{photo}", "--padding", "-1"], "choose 0 to"),
        (["{photo}", "--dilation", "33"], "choose 1 to"),
        (["{photo}", "--pool", "max:0"], "ooling"),
        (["{photo}", "--pool", "max:40"], "ooling"),
        (
            ["sample:lecture-4x4", "--padding", "valid", "--pool", "max:3"],
            "is 3 rows tall",
        ),
        (["--state", "{folder}/absent.cnnviz"], "there is no such file"),
        (["--state", "{folder}/damaged.cnnviz"], "is damaged"),
        (["--state", "{folder}/newer.cnnviz"], "newer cnnviz"),
        (["--state", "{folder}/other.cnnviz"], "no state of the Kernel Lab"),
        (["--state", "{folder}/deep.cnnviz"], "is 2 rows tall"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_lost(folder, words, sentence):
    before = sorted(folder.iterdir())
    done = cnnviz("apply", *filled(words, folder), "-o", folder / "out.png")
    assert done.returncode == 1
    assert done.stderr.startswith("cnnviz apply: ")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not done.stdout
    assert (folder / "out.png").read_text() == "mine"
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("name", ["absent/out", "folder", "guarded"])
@pytest.mark.parametrize(("option", "suffix"), [("-o", ".png"), ("--npy", ".npy")])
def test_a_file_that_cannot_be_written_is_explained(tmp_path, option, suffix, name):
    (tmp_path / f"folder{suffix}").mkdir()
    guarded = tmp_path / f"guarded{suffix}"
    guarded.write_text("mine")
    guarded.chmod(0o400)
    if name == "guarded" and os.access(guarded, os.W_OK):
        pytest.skip("the superuser may write everywhere")
    out = tmp_path / f"{name}{suffix}"
    done = cnnviz("apply", "sample:lecture-x", option, out)
    assert done.returncode == 1
    assert "cannot be saved" in done.stderr
    assert done.stderr.count("\n") == 1
    assert guarded.read_text() == "mine"


def test_a_name_that_promises_another_format_is_refused(tmp_path):
    for option, name in (("-o", "out.jpg"), ("--npy", "out.png")):
        done = cnnviz("apply", "sample:lecture-x", option, tmp_path / name)
        assert done.returncode == 1
        assert name in done.stderr
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-o", "{folder}/out.png"],
        ["{photo}"],
        ["{photo}", "-o"],
        ["{photo}", "-o", "{folder}/out.png", "--relu", "--abs"],
        ["{photo}", "-o", "{folder}/out.png", "--stride", "much"],
        ["{photo}", "-o", "{folder}/out.png", "--stride", "1,2,3"],
        ["{photo}", "-o", "{folder}/out.png", "--padding", "some"],
        ["{photo}", "-o", "{folder}/out.png", "--padding-mode", "white"],
        ["{photo}", "-o", "{folder}/out.png", "--pool", "median:2"],
        ["{photo}", "-o", "{folder}/out.png", "--bias", "much"],
        ["{photo}", "-o", "{folder}/out.png", "--unknown"],
        ["{photo}", "{photo}", "-o", "{folder}/out.png"],
    ],
)
def test_a_command_line_that_cannot_be_read_ends_with_2(folder, words):
    done = cnnviz("apply", *filled(words, folder))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("cnnviz")
    assert (folder / "out.png").read_text() == "mine"


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        (
            "reflect",
            "“reflect” is what is added and not how much: write --padding-mode reflect",
        ),
        ("some", "“some” is none of same, valid, full and a number such as 2 or 2,1"),
    ],
)
def test_a_padding_that_cannot_be_read_names_those_that_can(tmp_path, word, sentence):
    done = cnnviz("apply", PHOTO, "-o", tmp_path / "out.png", "--padding", word)
    assert done.returncode == 2
    assert sentence in done.stderr


# ------------------------------------------------------------------ screenshot


def screenshot(out: Path, *words: object) -> NDArray[np.uint8]:
    done = cnnviz("--screenshot", out, *words)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return read(out)[..., :3]


def test_a_screenshot_has_exactly_the_size_asked_for(tmp_path):
    plain = screenshot(tmp_path / "plain.png")
    assert plain.shape == (800, 1280, 3)
    named = screenshot(tmp_path / "named.png", "--page", "kernel-lab")
    np.testing.assert_array_equal(named, plain)
    large = screenshot(tmp_path / "large.png", "--size", "1920x1080")
    assert large.shape == (1080, 1920, 3)


def test_theme_and_text_size_are_seen_on_a_screenshot(tmp_path):
    words = "--theme", "dark", "--text-size", "130", "--size", "1700x1000"
    dark = screenshot(tmp_path / "dark.png", *words)
    light = screenshot(tmp_path / "light.png", *words[2:])
    assert dark.shape == light.shape == (1000, 1700, 3)
    assert np.median(dark) < 60 < 200 < np.median(light)
    normal = screenshot(tmp_path / "normal.png", *words[4:])
    assert not np.array_equal(normal, light)


def test_a_screenshot_shows_the_map_of_a_saved_pipeline(tmp_path):
    state = State("sample:step-edges", stages=PIPELINE, stage=1)
    file = save(tmp_path / "lesson.cnnviz", state)
    pixels = screenshot(tmp_path / "out.png", "--state", file)
    values = images.open_source(state.picture).grey
    for stage in PIPELINE:
        values = run_stage(values, stage).pooled
    scale = colour.natural_scale(*colour.value_range(values))
    flat = colour.to_bgrx(values, scale, signed_table(LIGHT))[32, 20, 2::-1]
    right = pixels[:, 890:]
    assert (right == flat).all(axis=2).mean() > 0.1


def test_a_screenshot_shows_the_picture_that_is_named(tmp_path):
    Image.new("L", (30, 20), 77).save(tmp_path / "grey.png")
    pixels = screenshot(tmp_path / "out.png", tmp_path / "grey.png")
    assert (pixels == 77).all(axis=2).mean() > 0.05


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["{folder}/absent.png"], 1),
        (["{folder}/text.png"], 1),
        (["--state", "{folder}/damaged.cnnviz"], 1),
        (["--state", "{folder}/newer.cnnviz"], 1),
        (["--page", "dreams"], 2),
        (["--size", "12x9"], 2),
        (["--text-size", "300"], 2),
        (["--theme", "pink"], 2),
    ],
)
def test_a_screenshot_that_is_not_possible_leaves_the_file(folder, words, code):
    done = cnnviz("--screenshot", folder / "out.png", *filled(words, folder))
    assert done.returncode == code
    assert done.stderr.splitlines()[-1].startswith("cnnviz: ")
    assert (folder / "out.png").read_text() == "mine"
