"""An honest class, generated: everybody writes the same tasks by themselves.

There are few natural ways to write a task, and whoever likes one kind likes it again; names, extra
lines and comments are each one's own. `copied` is a friend's notebook as it is handed in again.
"""

import random

STARTER = (
    "import numpy as np\nfrom rnncourse.tasks import ch03\nrng = np.random.default_rng(0)",
    "W, U, b = rng.normal(size=(3, 4)), rng.normal(size=(4, 4)), np.zeros(4)\n"
    "X = rng.normal(size=(2, 5, 3))\nh_0 = np.zeros((2, 4))",
    "ch03.rnn_step.check(rnn_step)\n# ch03.rnn_step.hint(1)\n# ch03.rnn_step.solution()",
    "ch03.rnn_forward.check(rnn_forward)\nch03.bptt.check(bptt)\nch03.clip.check(clip)",
)
STEP = (
    "    return np.tanh(x_t @ W + h_prev @ U + b)",
    "    {a} = x_t @ W + h_prev @ U + b\n    return np.tanh({a})",
    "    return np.tanh(np.dot(x_t, W) + np.dot(h_prev, U) + b)",
    "    {a} = x_t @ W\n    {c} = h_prev @ U\n    return np.tanh({a} + {c} + b)",
)
FORWARD = (
    "    {h} = h_0\n    {s} = []\n    for {t} in range(X.shape[1]):\n"
    "        {h} = rnn_step(X[:, {t}], {h}, W, U, b)\n        {s}.append({h})\n"
    "    return np.stack({s}, axis=1)",
    "    {n} = X.shape[1]\n    {s} = np.zeros((X.shape[0], {n}, U.shape[0]))\n    {h} = h_0\n"
    "    for {t} in range({n}):\n        {h} = rnn_step(X[:, {t}, :], {h}, W, U, b)\n"
    "        {s}[:, {t}] = {h}\n    return {s}",
    "    {s} = [h_0]\n    for {a} in X.transpose(1, 0, 2):\n"
    "        {s}.append(rnn_step({a}, {s}[-1], W, U, b))\n    return np.stack({s}[1:], 1)",
)
BPTT = (
    "    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)\n"
    "    {g} = np.zeros_like(h_0)\n    for {t} in reversed(range(X.shape[1])):\n"
    "        {p} = H[:, {t} - 1] if {t} > 0 else h_0\n"
    "        {a} = (dH[:, {t}] + {g}) * (1 - H[:, {t}] ** 2)\n"
    "        dW += X[:, {t}].T @ {a}\n        dU += {p}.T @ {a}\n        db += {a}.sum(axis=0)\n"
    "        {g} = {a} @ U.T\n    return dW, dU, db",
    "    {n} = X.shape[1]\n    dW = np.zeros(W.shape)\n    dU = np.zeros(U.shape)\n"
    "    db = np.zeros(b.shape)\n    {g} = 0\n    for {t} in range({n} - 1, -1, -1):\n"
    "        {c} = dH[:, {t}, :] + {g}\n        {a} = {c} * (1 - H[:, {t}, :] ** 2)\n"
    "        if {t} == 0:\n            {p} = h_0\n        else:\n"
    "            {p} = H[:, {t} - 1, :]\n"
    "        dW = dW + np.dot(X[:, {t}, :].T, {a})\n        dU = dU + np.dot({p}.T, {a})\n"
    "        db = db + np.sum({a}, axis=0)\n        {g} = np.dot({a}, U.T)\n    return dW, dU, db",
    "    {p} = np.concatenate([h_0[:, None], H[:, :-1]], axis=1)\n    {s} = np.zeros_like(H)\n"
    "    {g} = np.zeros_like(h_0)\n    for {t} in range(X.shape[1])[::-1]:\n"
    "        {s}[:, {t}] = (1 - H[:, {t}] ** 2) * (dH[:, {t}] + {g})\n"
    "        {g} = {s}[:, {t}] @ U.T\n"
    "    return (np.einsum('btd,btn->dn', X, {s}), np.einsum('btm,btn->mn', {p}, {s}),\n"
    "            {s}.sum(axis=(0, 1)))",
)
CLIP = (
    "    {a} = np.sqrt(sum(np.sum({g} ** 2) for {g} in grads))\n    if {a} <= limit:\n"
    "        return grads\n    return [{g} * limit / {a} for {g} in grads]",
    "    {s} = 0.0\n    for {g} in grads:\n        {s} += ({g} ** 2).sum()\n"
    "    {a} = {s} ** 0.5\n    {c} = min(1, limit / {a})\n    {n} = []\n    for {g} in grads:\n"
    "        {n}.append({g} * {c})\n    return {n}",
    "    {a} = np.linalg.norm(np.concatenate([{g}.ravel() for {g} in grads]))\n"
    "    {c} = limit / max({a}, limit)\n    return [{c} * {g} for {g} in grads]",
)
TASKS = {
    "rnn_step(x_t, h_prev, W, U, b)": STEP,
    "rnn_forward(X, h_0, W, U, b)": FORWARD,
    "bptt(X, H, h_0, dH, W, U, b)": BPTT,
    "clip(grads, limit)": CLIP,
}
NAMES = {
    "a": ("a_t", "a", "pre", "s", "z", "act", "delta", "da"),
    "c": ("c", "d", "scale", "tmp", "k"),
    "g": ("g", "dh", "dh_next", "grad", "d", "gr"),
    "h": ("h", "h_t", "state", "h_prev", "hidden"),
    "n": ("T", "n", "steps", "out", "res"),
    "p": ("prev", "h_prev", "hp", "before", "H_prev"),
    "s": ("H", "states", "hs", "total", "out", "acc"),
    "t": ("t", "i", "step", "k"),
}
EXTRA = (
    "print(rnn_step(X[:, 0], h_0, W, U, b).shape)",
    "H = rnn_forward(X, h_0, W, U, b)\nprint(H.shape, H.mean())",
    "for i in range(3):\n    print(i, rnn_step(X[:, i], h_0, W, U, b)[0])",
    "assert np.allclose(rnn_forward(X, h_0, W, U, b)[:, 0], rnn_step(X[:, 0], h_0, W, U, b))",
    "clip([np.ones(3), np.ones(4)], 1.0)",
)


def notebook(chance):
    """The code cells of one student."""
    taste, cells = chance.random(), list(STARTER[:2])
    for head, ways in TASKS.items():
        if chance.random() < 0.1:  # left open
            cells.append(f"def {head}:\n    raise NotImplementedError  # your code here")
            continue
        usual = int(taste * len(ways))
        way = ways[usual if chance.random() < 0.6 else int(len(ways) * chance.random() ** 2)]
        own = {key: chance.choice(names) for key, names in NAMES.items()}
        while len(set(own.values())) < len(own):
            own = {key: chance.choice(names) for key, names in NAMES.items()}
        cells.append(f"def {head}:\n{way.format(**own)}")
    cells += STARTER[2:]
    cells += chance.sample(EXTRA, chance.randrange(3))
    return cells


def students(n, seed):
    """{name: code cells} of an honest class of `n`."""
    chance = random.Random(seed)
    return {f"s{i:04}": notebook(chance) for i in range(n)}


def full(seed):
    """A notebook with no task left open."""
    chance = random.Random(seed)
    cells = notebook(chance)
    while "NotImplementedError" in "\n".join(cells):
        cells = notebook(chance)
    return cells
