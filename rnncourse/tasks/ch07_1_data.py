"""The model of lesson 7.1 that a learner's training loop trains.

Keras is imported inside the function, so that a NumPy task never waits for TensorFlow.
"""

__all__ = ["small_model"]


def small_model():
    """A compiled Keras model, the same at every call: SimpleRNN(3), Dense(1), SGD with momentum."""
    import keras

    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((None, 1)), keras.layers.SimpleRNN(3)])
    model.add(keras.layers.Dense(1))
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
    model.compile(optimizer, "mean_squared_error", jit_compile=False)
    return model
