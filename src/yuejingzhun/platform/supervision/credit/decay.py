"""How much of a fact's points is left after so many whole days: exact, in integers, the same in any language.

A half-life H is divided into 64 steps. At age d (whole days) the step is i = floor(64 d / H), and what is left of p
points is p * TABLE[i mod 64] / 2^(30 + floor(i / 64)), truncated towards zero. TABLE[k] is floor(2^30 * 2^(-k/64)).
The table is published with the rule (docs/credit.md), so that nobody needs a power function that rounds as ours.
"""

STEPS = 64
SHIFT = 30
GONE = 63  # shifts from here on leave nothing of what fits 63 bits


def _root_table() -> tuple[int, ...]:
    """By exact integers: the largest t with t^64 <= 2^(30 * 64 - k)."""
    found = []
    for step in range(STEPS):
        target = 1 << (SHIFT * STEPS - step)
        low, high = 1 << (SHIFT - 1), 1 << SHIFT
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if middle**STEPS <= target else (low, middle - 1)
        found.append(low)
    return tuple(found)


TABLE = _root_table()


def remaining(points: int, age: int, half_life: int | None) -> int:
    """What is left of the points (thousandths) at that age (whole days >= 0); all of it without a half-life."""
    if half_life is None:
        return points
    step = STEPS * age // half_life
    shift = SHIFT + step // STEPS
    left = 0 if shift >= GONE else abs(points) * TABLE[step % STEPS] >> shift
    return left if points >= 0 else -left
