"""The two character models: their weights fit, and they are better than counting."""

import numpy as np
import pytest

from rnncourse.data import character_models
from rnncourse.data.character_models import END, corpus, load
from rnncourse.nn import GRU, softmax


@pytest.mark.parametrize("name", character_models.NAMES)
def test_weights_and_characters_fit(name):
    model = load(name)
    table, W, U, b, W_y, b_y = model.weights
    N = len(U)
    assert len(table) == len(model.tokens) == W_y.shape[1] == len(b_y)
    assert W.shape == (table.shape[1], 3 * N)
    assert (U.shape, b.shape, W_y.shape[0]) == ((N, 3 * N), (2, 3 * N), N)
    assert all(weights.dtype == np.float32 for weights in model.weights)


@pytest.mark.parametrize(("name", "most"), [("hamlet", 7.0), ("tang", 160.0)])
def test_perplexity_on_unseen_text_is_better_than_that_of_counted_triples(name, most):
    model, (_, test) = load(name), corpus(name)
    table, W, U, b, W_y, b_y = model.weights
    index = {token: i for i, token in enumerate(model.tokens) if i > 1}
    texts = [test[0][:3000]] if name == "hamlet" else test[:60]
    layer = GRU(len(U), return_sequences=True)
    layer.build(table.shape[1])
    layer.set_weights([W, U, b])
    surprise = []
    for text in texts:
        X = np.array([[index.get(character, 1) for character in text]])
        p = softmax(layer.forward(table[X[:, :-1]]) @ W_y + b_y)[0]
        surprise.append(-np.log(p[np.arange(len(p)), X[0, 1:]]))
    assert np.exp(np.concatenate(surprise).mean()) < most


def test_test_texts_are_not_among_the_training_texts():
    (play,), (rest,) = corpus("hamlet")
    assert rest[:200] not in play
    train, test = corpus("tang")
    assert not set(train) & set(test)
    assert all(poem[0] == poem[-1] == END for poem in train)


def test_other_names_are_refused():
    with pytest.raises(ValueError, match="choose one of hamlet, tang"):
        load("faust")
    with pytest.raises(ValueError, match="choose one of hamlet, tang"):
        corpus("faust")
