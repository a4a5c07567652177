"""Rounding of results, exact for decimal input (GB/T 8170-2008; JCGM 100:2008 7.2.6)."""

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

# The default context of the thread must not decide how exact a verdict is.
_EXACT = Context(prec=200, rounding=ROUND_HALF_EVEN)
_LARGEST_EXPONENT = 90  # a quotient of two such numbers still has fewer digits than the context


def _decimal(value: Decimal | int | str, name: str) -> Decimal:
    if isinstance(value, float):
        raise TypeError(f"{name} is a float ({value!r}); pass Decimal(repr(x)) to say which decimal is meant")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"{name} must be a decimal number, found {value!r}") from error
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError(f"{name} must be finite and of ordinary size, found {number}")
    return number


def round_to_interval(value: Decimal | int | str, interval: Decimal | int | str) -> Decimal:
    """The multiple of `interval` nearest to `value`, half to even multiple (GB/T 8170-2008 3.2 and 3.4).

    Both in the same unit; the result has the interval's decimals and no negative zero. Raises TypeError for a
    float, ValueError for a value that is not finite or an interval that is not positive.
    """
    number, step = _decimal(value, "value"), _decimal(interval, "interval")
    if step <= 0:
        raise ValueError(f"interval must be positive, found {step}")
    # The remainder is exact, so a tie is recognised however long the quotient's decimals run.
    quotient = _EXACT.divide_int(number, step)
    twice_remainder = _EXACT.multiply(_EXACT.remainder(number, step).copy_abs(), Decimal(2))
    if twice_remainder > step or (twice_remainder == step and _EXACT.remainder(quotient, 2)):
        quotient = _EXACT.add(quotient, 1 if number > 0 else -1)
    rounded = _EXACT.multiply(quotient, step)
    return rounded or rounded.copy_abs()


def round_uncertainty(uncertainty: Decimal | int | str, digits: int = 2) -> Decimal:
    """An uncertainty to `digits` significant digits, half to even (JJF 1059.1-2012 5.3.8.1: one or two).

    Raises ValueError for an uncertainty that is negative or not finite, or fewer than one digit.
    """
    number = _decimal(uncertainty, "uncertainty")
    if number < 0 or digits < 1:
        raise ValueError(f"need uncertainty >= 0 and digits >= 1, found {number} and {digits}")
    if number == 0:
        return Decimal(0)
    rounded = round_to_interval(number, Decimal(1).scaleb(number.adjusted() - digits + 1))
    # 0.0996 becomes 0.100: one digit more than asked, so once again at the new magnitude.
    return round_to_interval(rounded, Decimal(1).scaleb(rounded.adjusted() - digits + 1))


def round_result(
    value: Decimal | int | str, uncertainty: Decimal | int | str, digits: int = 2
) -> tuple[Decimal, Decimal]:
    """Value and uncertainty as reported, ending at the same digit (JCGM 100:2008 7.2.6)."""
    rounded = round_uncertainty(uncertainty, digits)
    if rounded == 0:
        return _decimal(value, "value"), rounded
    exponent = rounded.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - only a non-finite number has none, and those were refused
    return round_to_interval(value, Decimal(1).scaleb(exponent)), rounded
