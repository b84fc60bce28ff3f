"""Seeded chance: each thing has its own, whatever happened before it."""

from random import Random


def luck(seed: int, *what: str) -> Random:
    """Return the dice of one thing: equal seed and name, equal throws."""
    return Random(f"{seed}|{'|'.join(what)}")


def happens(dice: Random, permille: int) -> bool:
    """Throw once for something that happens so many times in a thousand."""
    return permille > 0 and dice.random() * 1000 < permille
