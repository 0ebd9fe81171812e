"""Places on Earth, and how far they are from each other as the crow flies."""

from __future__ import annotations

from math import acos, cos, radians, sin

EARTH_KM = 6_371
"""The mean radius of the Earth."""

Vector = tuple[float, float, float]


def unit_vector(latitude_e6: int, longitude_e6: int) -> Vector:
    """The direction of a place from the middle of the Earth; degrees times 1,000,000."""
    latitude, longitude = radians(latitude_e6 / 1e6), radians(longitude_e6 / 1e6)
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)


def kilometres(one: Vector, other: Vector) -> int:
    """Whole kilometres between two places."""
    return int(EARTH_KM * acos(max(-1.0, min(1.0, one[0] * other[0] + one[1] * other[1] + one[2] * other[2]))))
