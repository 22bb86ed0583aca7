"""Real data, offline: one module a dataset, each with `load()` and a `CARD`."""
