"""A newcomer is played, place by place. Each script runs alone: `python -m tests.places.colab`."""
