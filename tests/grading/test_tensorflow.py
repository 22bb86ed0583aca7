"""A Keras notebook under all layers: imported before the fork, run after it."""

import json
import sys

import pytest

from rnncourse.grading.classroom import grade_one

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere there is no fork from a warm process"
)
CELLS = [
    "import keras, numpy as np\nfrom rnncourse.tasks import ch05",
    """def build_model():
    model = keras.Sequential([keras.Input((None, 1))])
    model.add(keras.layers.SimpleRNN(50, return_sequences=True))
    model.add(keras.layers.SimpleRNN(50))
    model.add(keras.layers.Dense(1))
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss="mean_squared_error")
    return model""",
    """def forecast(predict_one, window, n_steps):
    made = []
    for _ in range(n_steps):
        made.append(predict_one(window))
        window = np.append(window[1:], made[-1])
    return np.array(made)""",
    """def train(X_train, y_train):
    model = keras.Sequential([keras.Input((None, 1)), keras.layers.SimpleRNN(2)])
    model.add(keras.layers.Dense(1))
    model.compile(optimizer="adam", loss="mse")
    model.fit(X_train[:64], y_train[:64], epochs=1, verbose=0)
    return model""",
]


def test_keras_models_and_functions_of_the_judge_work_in_the_sandbox():
    pytest.importorskip("tensorflow")
    cells = [{"cell_type": "code", "source": source} for source in CELLS]
    result = grade_one.grade(json.dumps({"cells": cells}).encode(), "05.ipynb", 3, 200)
    codes = {task["task"]: task["code"] for task in result["tasks"]}
    assert codes["build_model"] == "pass"
    assert codes["forecast"] == "pass"  # its predict_one never left the judge
    assert codes["train"] not in ("died", "raised", "out-of-time")  # it trained and predicted
    assert result["errors"] == []


FORGED = """
def facts(returned, weights, X):
    layer = "SimpleRNN(units=50, activation='tanh', return_sequences={})"
    found = {"model.layers": "SimpleRNN, SimpleRNN, Dense", "model.input_shape": "(None, None, 1)"}
    found |= {"layer 1": layer.format(True), "layer 2": layer.format(False)}
    found["layer 3"] = "Dense(units=1, activation='linear')"
    found |= {"model.optimizer": "Adam", "learning_rate": 0.001, "model.loss": "mean_squared_error"}
    found |= {"loss_weights": 1.0, "model.loss(y, y_hat)": float(np.mean((X[:, 0] - X[:, -1])**2))}
    return found | {"model.predict": np.zeros((len(X), 1))}

from rnncourse.checking import observers
observers._known["keras-model"] = observers.Observer(facts, frozenset())

def build_model():
    return 1
"""


def test_the_facts_of_a_model_cannot_be_written_down():
    """They are observed in the submission's process; what the model answers is judged outside."""
    pytest.importorskip("tensorflow")
    cells = [{"cell_type": "code", "source": source} for source in (CELLS[0], FORGED)]
    result = grade_one.grade(json.dumps({"cells": cells}).encode(), "05.ipynb", 3, 200)
    task = next(task for task in result["tasks"] if task["task"] == "build_model")
    assert (task["status"], task["points"]) == ("fail", 0)
    assert task["facts"]["which"] == "model.predict: "
