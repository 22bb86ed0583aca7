"""The temperature explorer: the engine's own layers, honest draws, errors that say what to do."""

import numpy as np
import pytest

from rnncourse.data import character_models
from rnncourse.nn import GRU, softmax
from rnncourse.widgets._next_character import width, writer


@pytest.mark.parametrize("name", character_models.NAMES)
def test_states_and_scores_are_the_engines_layers(name):
    model, text = character_models.load(name), {"hamlet": "HAMLET\nTo be", "tang": "\n春风"}[name]
    table, W, U, b, W_y, b_y = model.weights
    layer = GRU(len(U), return_sequences=False)
    layer.build(table.shape[1])
    layer.set_weights([W, U, b])
    want = layer.forward(table[model.encode(text)][None])
    h_t = writer(name).read(text)
    np.testing.assert_allclose(h_t, want, atol=1e-5)
    np.testing.assert_allclose(
        writer(name).scores(h_t)[:, 2:], (want @ W_y + b_y)[:, 2:], atol=1e-4
    )


def test_the_same_luck_writes_the_same_and_other_luck_another_text():
    by = writer("hamlet")
    texts = by.write("HAMLET\nTh", (0.7, 0.7), 40, seed=3)
    assert texts[0] == texts[1]
    assert len(texts[0]) == 40
    assert texts[0] != by.write("HAMLET\nTh", (0.7,), 40, seed=4)[0]


def test_draws_follow_the_softened_probabilities():
    by, beginning, temperature = writer("hamlet"), "HAMLET\nTh", 0.7
    p = softmax(by.scores(by.read(beginning)) / temperature)[0]
    drawn = [by.write(beginning, (temperature,), 1, seed=seed)[0] for seed in range(400)]
    for index in np.argsort(-p)[:2]:
        share = np.mean([text == by.model.tokens[index] for text in drawn])
        assert abs(share - p[index]) < 4 * np.sqrt(p[index] * (1 - p[index]) / 400)


def test_near_zero_the_likeliest_character_is_taken():
    by = writer("tang")
    best = by.model.tokens[int(by.scores(by.read("\n春")).argmax())]
    assert by.write("\n春", (0.01,), 1, seed=5) == [best]


def test_the_width_of_a_draw():
    assert width(np.full(7, 1 / 7)) == pytest.approx(7)
    assert width(np.eye(5)[2]) == pytest.approx(1)


@pytest.mark.parametrize(("text", "says"), [("Zürich ☃", "never saw: 'ü☃'"), ("", "is empty")])
def test_a_text_that_the_model_cannot_read_is_named(text, says):
    with pytest.raises(ValueError, match=says):
        writer("hamlet").read(text)
