"""Thirty-seven seeded bugs: each must turn a check red. A suite that misses them proves little.

A mutation replaces one piece of source text; the mutated package is imported in a process of its
own, under the same name, and the quick checks of battery.py run there: cells, layers and losses
against finite differences, layers against formulas written anew, training against steps taken
by hand.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rnncourse
from tests.support import HANG

PACKAGE = Path(rnncourse.__file__).parent
TESTS = Path(__file__).parent

# file, what stands there, what the bug makes of it
MUTATIONS = {
    "activation left out": (
        "cells.py",
        "return f(x_t @ self.W + h_prev @ self.U + self.b)",
        "return x_t @ self.W + h_prev @ self.U + self.b",
    ),
    "lstm gates swapped": (
        "cells.py",
        "return sigmoid(a_i), sigmoid(a_f)",
        "return sigmoid(a_f), sigmoid(a_i)",
    ),
    "lstm output through c_t itself": (
        "cells.py",
        "return o_t * f(c_t), c_t",
        "return o_t * c_t, c_t",
    ),
    "lstm dc without what h asks": (
        "cells.py",
        "dc_t = dc_t + dh_t * o_t * f.derivative(squashed)",
        "dc_t = dc_t + 0",
    ),
    "gru z and 1 - z swapped": (
        "cells.py",
        "return z_t * h_prev + (1 - z_t) * h_tilde",
        "return (1 - z_t) * h_prev + z_t * h_tilde",
    ),
    "gru dh_prev without the held share": ("cells.py", "dh_t * z_t + through_U", "through_U"),
    "gru db of the recurrent row": (
        "cells.py",
        "np.stack([db, da_rec.sum(axis=0)])",
        "np.stack([db, db])",
    ),
    "state not carried": (
        "layers/simple_rnn.py",
        "W.dot(xh_t, h_t)",
        "W.dot(np.concatenate([xh_t[: self._h_row], H[0]]), h_t)",
    ),
    "bias forgotten": (
        "layers/recurrent.py",
        "XH[:, D : self._h_row] = 1",
        "XH[:, D : self._h_row] = 0",
    ),
    "dh_next dropped": (
        "layers/simple_rnn.py",
        "dh = dXH[t, self.n_features :]",
        "dh = np.zeros_like(dh)",
    ),
    "dH of the outputs dropped": ("layers/simple_rnn.py", "dh += dH[t]", "pass"),
    "mask ignored forward": (
        "layers/simple_rnn.py",
        "np.copyto(h_t, H[t], where=~mask[t])",
        "pass",
    ),
    "mask ignored backward": ("layers/simple_rnn.py", "dA *= mask", "pass"),
    "held gradient lost": ("layers/simple_rnn.py", "where=mask[t]", "where=True"),
    "dU from h_t, not h_prev": (
        "layers/recurrent.py",
        "self._weight_products(block, XH[block], dA)",
        "self._weight_products(block, XH[1:][block], dA)",
    ),
    "lstm c not carried": (
        "layers/lstm.py",
        "np.multiply(f_gate, C[t], c_t)",
        "np.multiply(f_gate, C[0], c_t)",
    ),
    "lstm forget slope with the wrong c": (
        "layers/lstm.py",
        "d_f *= self._C[:-1][block]",
        "d_f *= self._C[1:][block]",
    ),
    "lstm dc not through the forget gate": ("layers/lstm.py", "dc *= f_gate[t]", "pass"),
    "lstm c not held": ("layers/lstm.py", "np.copyto(c_t, C[t], where=held)", "pass"),
    "lstm forget bias on another gate": (
        "layers/lstm.py",
        "b[self.units : 2 * self.units] = 1",
        "b[: self.units] = 1",
    ),
    "gru reset before for after": (
        "layers/gru.py",
        "if after:\n                product",
        "if False:\n                product",
    ),
    "gru recurrent bias outside the reset gate": (
        "layers/gru.py",
        "W[self.n_features, : 2 * N] += b_h[: 2 * N]",
        "W[self.n_features] += b_h; b_h = 0 * b_h",
    ),
    "gru dU blocks not rolled back": (
        "layers/gru.py",
        "np.roll(to_U, -self.units, axis=1)",
        "to_U",
    ),
    "gru dU_h without the reset gate": (
        "layers/gru.py",
        "reset @ rows[2 * N :].T",
        "seen[self._h_row :] @ rows[2 * N :].T",
    ),
    "weight gradients not summed over blocks": (
        "layers/recurrent.py",
        "total += product",
        "total[...] = product",
    ),
    "go_backwards forgotten in dX": ("layers/recurrent.py", "dX = dX[::-1]", "pass"),
    "dstates ignored": (
        "layers/recurrent.py",
        "self._as_states(dstates, B, must_be)",
        "self._as_states(None, B, must_be)",
    ),
    "inputs laid over a view that is alive": (
        "layers/buffers.py",
        "sys.getrefcount(self._arrays[name]) == 2",
        "True",
    ),
    "initial state ignored": (
        "layers/recurrent.py",
        "return self._as_states(initial_state,",
        "return self._as_states(None,",
    ),
    "backward half not turned round": (
        "layers/bidirectional.py",
        "dH_back = dH_back[:, ::-1]",
        "pass",
    ),
    "repeated tokens overwrite": (
        "layers/embedding.py",
        "dE[present] = np.add.reduceat(",
        "dE[tokens] = dH.reshape(-1, self.output_dim); np.add.reduceat(",
    ),
    "each array clipped, not the global norm": (
        "optimizers.py",
        "return clip_by_global_norm(grads, self.global_clipnorm)",
        "return [clip_by_norm(g, self.global_clipnorm) for g in grads]",
    ),
    "adam without bias correction": (
        "optimizers.py",
        " * math.sqrt(1 - self.beta_2**k) / (1 - self.beta_1**k)",
        "",
    ),
    "loss summed over steps, not averaged": (
        "losses.py",
        "gradient / losses.size",
        "gradient / len(losses)",
    ),
    "mask ignored in the loss gradient": (
        "losses.py",
        "np.where(mask[..., None], gradient / n, 0)",
        "gradient / n",
    ),
    "stateful layers start from zero": (
        "layers/recurrent.py",
        "initial_state = self._carried",
        "initial_state = None",
    ),
    "one shuffle for all seeds": (
        "model.py",
        "np.random.default_rng(seed), History()",
        "np.random.default_rng(0), History()",
    ),
}


@pytest.mark.parametrize("bug", MUTATIONS)
def test_every_piece_of_source_is_there_once(bug):
    file, text, _ = MUTATIONS[bug]
    assert (PACKAGE / "nn" / file).read_text("utf-8").count(text) >= 1


def run_battery(package_parent):
    """The quick checks, in a process that imports rnncourse from `package_parent`."""
    return subprocess.run(
        [sys.executable, str(TESTS / "battery.py")],
        env={"PYTHONPATH": str(package_parent), "OPENBLAS_NUM_THREADS": "1", "PATH": ""},
        cwd=package_parent,
        capture_output=True,
        text=True,
        timeout=HANG,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the engine alone."""
    parent = tmp_path_factory.mktemp("mutants")
    (parent / "rnncourse").mkdir()
    shutil.copy(PACKAGE / "__init__.py", parent / "rnncourse")
    shutil.copytree(PACKAGE / "nn", parent / "rnncourse" / "nn")
    return parent


def test_the_battery_passes_without_a_bug(copy):
    run = run_battery(copy)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("bug", MUTATIONS)
def test_every_bug_is_caught(bug, copy):
    file, text, mutated = MUTATIONS[bug]
    path = copy / "rnncourse" / "nn" / file
    original = path.read_text("utf-8")
    path.write_text(original.replace(text, mutated), "utf-8")
    try:
        run = run_battery(copy)
    finally:
        path.write_text(original, "utf-8")
    assert run.returncode == 1, f"{bug}: nothing noticed. {run.stderr}"
    assert "AssertionError" in run.stderr, run.stderr  # seen by a check, not by a crash
