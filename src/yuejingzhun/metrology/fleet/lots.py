"""Lots of meters in service for inspection by sampling: of one maker and model, one year of manufacture, one region.

The plan of each lot is that of a scheme of metrology/sampling: `LimitingQualityScheme(...).plan` for the Chinese
practice by GB/T 2828.2, `partial(attributes_plan, scheme)` of in_service for a law that states what must be shown,
`lambda lot: single_plan(lot, aql).plan` for ISO 2859-1, a variables plan of ISO 3951 for errors that are normal.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, whole
from yuejingzhun.metrology.fleet.group_share import Groups
from yuejingzhun.metrology.sampling.plan import SinglePlan
from yuejingzhun.metrology.sampling.variables import VariablesPlan

Plan = SinglePlan | VariablesPlan
ALL = -1  # in a key: lots of several regions, or of several years, put together
COLUMNS = ("maker", "model", "year", "region")


@dataclass(frozen=True, slots=True)
class Lots:
    """`lot` of each meter; `key` (lots x 4: maker, model, year, region, or ALL) and `size` of each lot."""

    lot: Groups
    key: Groups
    size: Groups


@dataclass(frozen=True, slots=True)
class LotPlan:
    """How a lot is judged; without a plan all of its meters are tested."""

    size: int
    plan: Plan | None
    text: str


def form_lots(maker: ArrayLike, model: ArrayLike, year: ArrayLike, region: ArrayLike, least: int = 1) -> Lots:
    """Lots by whole numbers, one a meter. What is smaller than `least` is put together over the regions, and what is
    then still smaller, over the years; never over models, whose errors have different causes.

    Raises ArgumentError for negative numbers, or arrays of different lengths.
    """
    columns = [_codes(name, each) for name, each in zip(COLUMNS, (maker, model, year, region), strict=True)]
    if len({each.shape for each in columns}) > 1:
        raise ArgumentError("maker、model、year、region", "长度应相同")
    floor = whole("least", least, 1)
    keys = np.stack(columns, axis=1)
    lot, key, size = _grouped(keys)
    for column in (3, 2):
        small = size < floor
        if not small.any():
            break
        # Of the lots, not of the meters: there are few of them.
        merged = key.copy()
        merged[small, column:] = ALL
        of_lot, key, _ = _grouped(merged)
        lot = of_lot[lot]
        size = np.bincount(lot, minlength=len(key))
    return Lots(lot, key, size)


def plan_lots(lots: Lots, scheme: Callable[[int], Plan]) -> list[LotPlan]:
    """The plan of each lot by its size; a lot for which the scheme has none, or none smaller than it, is tested whole.

    `scheme` raises ArgumentError for a size it has no plan for.
    """
    known = {size: _plan(size, scheme) for size in map(int, np.unique(lots.size))}
    return [known[int(size)] for size in lots.size]


def _plan(size: int, scheme: Callable[[int], Plan]) -> LotPlan:
    try:
        plan = scheme(size)
    except ArgumentError as why:
        return LotPlan(size, None, f"批量 {size}：全数检验（{why.reason}）")
    if plan.sample_size >= size:
        return LotPlan(size, None, f"批量 {size}：样本量不小于批量，全数检验")
    if isinstance(plan, VariablesPlan):
        return LotPlan(size, plan, f"批量 {size}：抽 {plan.sample_size} 只，计量型，接收常数 {plan.k:.3f}")
    return LotPlan(size, plan, f"批量 {size}：抽 {plan.sample_size} 只，接收数 {plan.acceptance_number}")


def _codes(name: str, values: ArrayLike) -> Groups:
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.integer) or array.ndim != 1:
        raise ArgumentError(name, f"应为一维整数，形状为 {array.shape}，类型为 {array.dtype}")
    if array.size and int(array.min()) < 0:
        raise ArgumentError(name, f"不应为负，有 {array.min()}")
    return array.astype(np.int64, copy=False)


def _grouped(keys: Groups) -> tuple[Groups, Groups, Groups]:
    """Number of the key of each row, the keys in order, and how often each is there."""
    shifted = keys + 1  # ALL becomes 0
    spans = [int(each) + 1 for each in shifted.max(axis=0, initial=0)]
    if float(np.prod(np.array(spans, dtype=np.float64))) < 2**62:
        code = np.ravel_multi_index(tuple(shifted.T), tuple(spans))
        codes, number, size = np.unique(code, return_inverse=True, return_counts=True)
        unique = np.stack(np.unravel_index(codes, tuple(spans)), axis=1) - 1
    else:
        unique, number, size = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    return _numbers(number), _numbers(unique), _numbers(size)


def _numbers(array: NDArray[np.integer]) -> Groups:
    return array.astype(np.int64, copy=False)
