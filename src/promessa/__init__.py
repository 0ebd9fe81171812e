"""promessa: real-time available-to-promise, reservations and order sourcing for retail."""

__version__ = "0.1.0"
