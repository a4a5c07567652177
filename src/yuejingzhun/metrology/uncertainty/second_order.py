"""Second-order terms of the law of propagation (JCGM 100:2008 5.1.2 NOTE, H.1.7).

The derivatives are exact: forward mode nested in itself, so that a derivative carries its own derivatives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain, Values


@dataclass(frozen=True, slots=True)
class SecondOrder:
    """A result with the terms that the first order leaves out; all in the unit of the result.

    `terms[i, j]` is the half that the pair adds to the variance: (1/2 f_ij^2 + f_i f_ijj) u_i^2 u_j^2, with the
    shape of the inputs behind these two axes. `shift` is to be added to `value` for the mean of the result.
    """

    value: Values
    shift: Values
    first_order_u: Values
    u: Values
    terms: NDArray[np.float64]


def second_order(model: Callable[..., Uncertain], inputs: Sequence[Input]) -> SecondOrder:
    """Propagate model(*inputs) with the terms of second order, for independent inputs.

    `value` and `u` of the inputs are floats or arrays that broadcast. u^2 = sum f_i^2 u_i^2 + sum_ij
    [1/2 f_ij^2 + f_i f_ijj] u_i^2 u_j^2 (JCGM 100:2008 5.1.2 NOTE, exact in this order for normal inputs);
    shift = 1/2 sum f_ii u_i^2. Raises ArgumentError where the model gives no uncertain number or the variance
    becomes negative: the series says nothing there.
    """
    if not inputs:
        raise ArgumentError("inputs", "至少需要一个输入量")
    passes = [_derivatives_along(model, inputs, j) for j in range(len(inputs))]
    value, slopes = passes[0][0], passes[0][1]
    squares = [np.asarray(x.u, dtype=np.float64) ** 2 for x in inputs]
    shape = np.broadcast_shapes(np.shape(value), *(np.shape(part) for x in inputs for part in (x.value, x.u)))
    terms = np.empty((len(inputs), len(inputs), *shape))
    shift, first = np.zeros(shape), np.zeros(shape)
    for j, (_, _, mixed, thirds) in enumerate(passes):
        shift += 0.5 * mixed[j] * squares[j]
        first += slopes[j] ** 2 * squares[j]
        for i in range(len(inputs)):
            terms[i, j] = (0.5 * mixed[i] ** 2 + slopes[i] * thirds[i]) * squares[i] * squares[j]
    variance = first + terms.sum(axis=(0, 1))
    if np.any(variance < 0) or not np.all(np.isfinite(variance)):
        raise ArgumentError("model", "二阶展开的方差为负或不是有限的数，展开式不适用，请用蒙特卡洛法")
    return SecondOrder(value, _scalar(shift), _scalar(np.sqrt(first)), _scalar(np.sqrt(variance)), terms)


def _derivatives_along(
    model: Callable[..., Uncertain], inputs: Sequence[Input], along: int
) -> tuple[Values, list[Floats], list[Floats], list[Floats]]:
    """Value, f_i, f_i,along and f_i,along,along for every i, in one run of the model."""
    inner, middle = Input("inner", 0.0, 0.0), Input("middle", 0.0, 0.0)
    arguments = []
    for i, x in enumerate(inputs):
        ones = (1.0 if i == along else 0.0,) * 2
        level: object = Uncertain(x.value, {inner: ones[0]})
        level = Uncertain(level, {middle: ones[1]})  # type: ignore[arg-type]
        arguments.append(Uncertain(level, {x: 1.0}))  # type: ignore[arg-type]
    result = model(*arguments)
    if not isinstance(result, Uncertain):
        raise ArgumentError("model", "模型的结果应为带不确定度的数")
    slopes, mixed, thirds = [], [], []
    for x in inputs:
        by_x = result.derivatives.get(x, 0.0)
        slopes.append(np.asarray(_value(_value(by_x)), dtype=np.float64))
        by_both = _derivative(by_x, middle)
        mixed.append(np.asarray(_value(by_both), dtype=np.float64))
        thirds.append(np.asarray(_derivative(by_both, inner), dtype=np.float64))
    return _value(_value(result.value)), slopes, mixed, thirds


def _value(number: Uncertain | Values) -> Values:
    return number.value if isinstance(number, Uncertain) else number


def _derivative(number: Uncertain | Values, key: Input) -> Values:
    return number.derivatives.get(key, 0.0) if isinstance(number, Uncertain) else 0.0


def _scalar(array: Floats) -> Values:
    return float(array) if array.ndim == 0 else array
