"""The card of trained weights tells where they were trained."""

from __future__ import annotations

from importlib.metadata import version
from itertools import islice

import pytest
import streams

from cnnviz.errors import InputError
from cnnviz.nn import checkpoints, model_card, recording
from cnnviz.nn.events import Finished, Started


def test_it_tells_where_the_training_was_and_not_where_the_weights_are_wanted(tmp_path):
    run = recording.create(tmp_path / "runs", streams.RECIPE, data=streams.DATA)
    path = tmp_path / "w.safetensors"
    with pytest.raises(InputError, match="has not come to its end"):
        model_card.write_weights(run, path)
    list(recording.record(streams.training(), run))

    def elsewhere():
        yield Started("MPS", "float32", 48, 6, streams.EPOCH, 48)
        yield Finished(48, complete=True)

    list(recording.record(elsewhere(), run))
    said = model_card.write_weights(run, path)
    assert said == f"Weights in {path}, their model card beside it."
    card = path.with_suffix(".md").read_text("utf-8")
    assert "| computed on | CPU, float32 |" in card
    assert f"| torch | {version('torch')} |" in card
    assert "| test accuracy | 25.00% (4 of 5 wrong) |" in card
    assert "| data | MNIST |" in card
    assert "| epochs | 6 |" in card
    tensors = {"conv1.weight": streams.weights(48)["conv1.weight"]}
    assert run.weights(48).keys() == tensors.keys()


def test_a_run_that_was_broken_off_has_no_weights_to_hand_on(tmp_path):
    run = recording.create(tmp_path / "runs", streams.RECIPE, data=streams.DATA)
    list(islice(recording.record(streams.training(), run), 12))
    assert run.metrics()
    with pytest.raises(InputError, match="has not come to its end"):
        model_card.write_weights(run, tmp_path / "w.safetensors")
    assert not (tmp_path / "w.safetensors").exists()
    with pytest.raises(InputError, match="is no file of weights"):
        checkpoints.load(tmp_path / "w.md")
