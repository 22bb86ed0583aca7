"""What contributors run by hand or once a week; no part of the wheel."""
