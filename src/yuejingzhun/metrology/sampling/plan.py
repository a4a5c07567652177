"""What a sampling plan says: how many items, and how many nonconforming ones still pass."""

from dataclasses import dataclass

from yuejingzhun.metrology.arguments import ArgumentError, whole


@dataclass(frozen=True, slots=True)
class SinglePlan:
    """Accept the lot where at most `acceptance_number` of `sample_size` items are nonconforming."""

    sample_size: int
    acceptance_number: int

    def __post_init__(self) -> None:
        whole("sample_size", self.sample_size, 1)
        whole("acceptance_number", self.acceptance_number)
        if self.acceptance_number >= self.sample_size:
            raise ArgumentError("acceptance_number", f"应小于样本量 {self.sample_size}，为 {self.acceptance_number}")

    @property
    def rejection_number(self) -> int:
        return self.acceptance_number + 1

    def accepts(self, nonconforming: int) -> bool:
        """The decision on the lot (ISO 2859-1:1999 11.1)."""
        found = whole("nonconforming", nonconforming)
        if found > self.sample_size:
            raise ArgumentError("nonconforming", f"多于样本量 {self.sample_size}：{found}")
        return found <= self.acceptance_number


@dataclass(frozen=True, slots=True)
class DoublePlan:
    """First sample: accept to `accept_first`, reject from `reject_first`; otherwise both samples together
    are accepted to `accept_total` (ISO 2859-1:1999 11.2)."""

    first_size: int
    accept_first: int
    reject_first: int
    second_size: int
    accept_total: int

    def __post_init__(self) -> None:
        whole("first_size", self.first_size, 1)
        whole("second_size", self.second_size, 1)
        whole("accept_first", self.accept_first)
        if self.reject_first < self.accept_first + 2:
            raise ArgumentError("reject_first", f"应至少比第一接收数 {self.accept_first} 大 2，为 {self.reject_first}")
        if self.accept_total < self.reject_first - 1:
            raise ArgumentError("accept_total", f"应不小于第一拒收数减 1，为 {self.accept_total}")
