"""What tests share."""

HANG = 1800  # seconds until what does not end is called a hang: no measure of speed
