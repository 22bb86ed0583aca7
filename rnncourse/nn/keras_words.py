"""Keras's words that this engine does not have: a sentence each, with what there is instead.

A class or a method collects keywords that it does not know as `**unknown` and hands them to
`check_words`; the mixin KerasWords answers for methods and attributes.
"""

import difflib
import inspect

__all__ = ["LOSSES", "KerasWords", "check_words", "constructors"]

_BY_HAND = (
    "the loop is yours: call train_on_batch on batches you choose, and evaluate on other data"
)
_TO_KERAS = "use Keras for it: rnncourse.nn.keras_bridge.to_keras converts the model"

# Keywords, several with one answer.
_OPTIONS = {
    "dropout recurrent_dropout": (
        "put a Dropout layer between the layers; lesson 7.1 uses Keras for dropout inside them"
    ),
    "input_shape input_dim batch_input_shape batch_shape": (
        "leave it out. The first data give the shape, or model.build((None, None, D)) does"
    ),
    "kernel_initializer recurrent_initializer bias_initializer embeddings_initializer weights": (
        "the first weights are drawn as Keras does by default; set_weights takes others"
    ),
    "recurrent_activation": "it is always 'sigmoid', Keras's default; lesson 7.1 uses Keras's",
    "kernel_regularizer recurrent_regularizer bias_regularizer embeddings_regularizer"
    " activity_regularizer kernel_constraint recurrent_constraint bias_constraint"
    " embeddings_constraint noise_shape trainable loss_weights weighted_metrics class_weight"
    " sample_weight weight_decay amsgrad use_ema ema_momentum ema_overwrite_frequency"
    " loss_scale_factor gradient_accumulation_steps lora_rank lora_alpha"
    " quantization_config": _TO_KERAS,
    "merge_mode": "the two outputs are joined as by 'concat'; add their halves for 'sum'",
    "unroll use_cudnn run_eagerly jit_compile steps_per_execution auto_scale_loss autocast": (
        "leave it out; it changes the speed in TensorFlow, not the numbers"
    ),
    "name": "leave it out; layers have no names here",
    "momentum nesterov": "Adam has a running mean of the gradients, beta_1",
    "clipvalue": "clipnorm and global_clipnorm keep the gradient's direction",
    "metrics": "compute them from predict(X); lesson 6.1 uses Keras for it",
    "callbacks initial_epoch": f"{_BY_HAND}; lesson 5 uses Keras for it",
    "validation_split validation_data validation_steps validation_batch_size validation_freq": (
        "call evaluate(X_val, y_val) after each fit(…, epochs=1); lesson 5 uses Keras for it"
    ),
    "steps_per_epoch steps": "an epoch is all examples once; give fewer examples",
    "return_dict": "train_on_batch gives a dictionary, evaluate a number",
    "x": "it is called X here, and comes first",
    "verbose": "leave it out; only fit prints",
}
# Methods and attributes of models and layers.
_METHODS = {
    "summary": "print(model) shows the layers, count_params() counts",
    "save save_weights export to_json": (
        "np.savez(file, *model.get_weights()) stores the weights; lesson 5 saves Keras models"
    ),
    "load_weights": "set_weights takes the arrays that np.savez stored",
    "add pop": "give all layers at once: Sequential([SimpleRNN(50), Dense(1)])",
    "reset_states reset_state": "call reset_state() on each stateful layer",
    "trainable_weights trainable_variables variables": "model.weights, or layer.params by name",
    "test_on_batch": "call evaluate(X, y)",
    "predict_on_batch call": "call predict(X), or forward(X)",
    "get_layer": "model.layers is a list",
    "kernel": "it is called W here",
    "recurrent_kernel": "it is called U here",
    "bias": "it is called b here",
    "embeddings": "it is called E here",
    "weights": "layer.params has them by name",
    "output_shape input_spec": "call compute_output_shape(input_shape)",
    "metrics metrics_names": "compute them from predict(X); lesson 6.1 uses Keras for it",
}
# Keras's names of losses; those of classifiers take probabilities there, logits here.
LOSSES = {
    "mean_squared_error": "it is called 'mse' here",
    "categorical_crossentropy": "'cross_entropy' takes logits: leave the last layer linear",
    "sparse_categorical_crossentropy": (
        "'sparse_cross_entropy' takes logits: leave the last layer linear"
    ),
    "binary_crossentropy": (
        "let the last layer be Dense(2), linear, and the loss 'sparse_cross_entropy'"
    ),
}


def _each(table):
    return {word: advice for words, advice in table.items() for word in words.split()}


OPTIONS, METHODS = _each(_OPTIONS), _each(_METHODS)


def check_words(owner, unknown, *functions):
    """Raise TypeError with a sentence if there are `unknown` keywords.

    owner: what was called, "LSTM" or "fit". functions: those whose parameters it does take.
    """
    if not unknown:
        return
    word = next(iter(unknown))
    takes = list(dict.fromkeys(name for f in functions for name in _parameters(f)))
    sentence = f"{owner} takes {', '.join(takes)}; "
    if word in OPTIONS:
        sentence += f"Keras's `{word}` is not here: {OPTIONS[word]}."
    else:
        sentence += f"`{word}` is not among them."
        for name in difflib.get_close_matches(word, takes, n=1):
            sentence += f" Did you mean {name}?"
    raise TypeError(sentence)


def constructors(cls):
    """The __init__ of a class and of those above it, whose keywords it takes together."""
    return [vars(c)["__init__"] for c in cls.__mro__[:-1] if "__init__" in vars(c)]


def _parameters(function):
    kinds = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
    for name, parameter in inspect.signature(function).parameters.items():
        if name != "self" and parameter.kind not in kinds:
            yield name


class KerasWords:
    """A mixin: attributes of Keras that are not here, and the call layer(X), get a sentence."""

    def __getattr__(self, name):
        advice = f": {METHODS[name]}." if name in METHODS else "."
        message = f"{type(self).__name__} has no {name}{advice}"
        raise AttributeError(message, name=name, obj=self)

    def __call__(self, *args, **options):
        """Keras's way to run a layer; here it is forward."""
        name = type(self).__name__
        raise TypeError(f"{name} is not called here: write forward(X), and backward(dH) after it.")
