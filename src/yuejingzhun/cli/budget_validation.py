"""The first-order result of a budget against the Monte Carlo method (JCGM 101:2008 clause 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from yuejingzhun.cli.budget_file import BudgetFile, StatedInput
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.adaptive import Adaptive
from yuejingzhun.metrology.uncertainty.bounded import CurvilinearTrapezoid, Rectangular
from yuejingzhun.metrology.uncertainty.budget_table import BudgetTable
from yuejingzhun.metrology.uncertainty.copula import Copula, Of
from yuejingzhun.metrology.uncertainty.distribution import Constant, Distribution, Normal, Student
from yuejingzhun.metrology.uncertainty.dual import Values
from yuejingzhun.metrology.uncertainty.monte_carlo import TRIALS, simulate
from yuejingzhun.metrology.uncertainty.simulation import Simulation
from yuejingzhun.metrology.uncertainty.validation import STRICTER, Agreement, compare

AS_STATED = {"most_trials": "probability", "trials": "--monte-carlo"}  # arguments of the science, by the user's name
LEAST_DOF = 2.0  # of a t distribution whose standard deviation exists lies above this (JCGM 101:2008 6.4.9.4)
LEAST_DOF_OF_LIMITS = 0.5  # below, limits would be less certain than they are apart


@dataclass(frozen=True, eq=False, slots=True)
class MonteCarlo:
    """What was drawn and found. `agreement` is None where an input has no standard deviation: nothing to compare."""

    inputs: tuple[tuple[str, Distribution], ...]
    simulation: Simulation
    agreement: Agreement | None
    copula: Copula | None
    seed: int
    fixed: bool  # whether the number of trials was given, rather than found


def validate_budget(file: BudgetFile, table: BudgetTable, trials: int | None, seed: int) -> MonteCarlo:
    """The model by `trials`, or until stable to a fifth of the tolerance, and y +- U of the table beside it (8.2).

    Raises ArgumentError for correlated inputs that can't be drawn together, or a formula without a finite value
    somewhere in the inputs' distributions.
    """
    drawn = [_distribution(stated) for stated in file.inputs]
    copula = _copula(file, drawn)
    exists = all(np.isfinite(x.sd) for x in drawn)
    # Without a standard deviation the mean never becomes stable.
    rule = trials or (Adaptive(share=STRICTER) if exists else TRIALS)
    try:
        with np.errstate(all="ignore"):  # what isn't finite is refused by the simulation, with its number
            found = simulate(file.model, drawn, np.random.default_rng(seed), rule, file.probability, copula)
    except ArgumentError as error:
        raise ArgumentError(AS_STATED.get(error.argument, error.argument), error.reason) from error
    agreement = compare(table.value, table.expanded_u, found) if exists else None
    names = (stated.key.name for stated in file.inputs)
    return MonteCarlo(tuple(zip(names, drawn, strict=True)), found, agreement, copula, seed, trials is not None)


def distribution_text(distribution: Distribution) -> str:
    """As a reader of a budget knows it."""
    if isinstance(distribution, Student):
        return f"t（自由度 {distribution.dof:g}）"
    if isinstance(distribution, CurvilinearTrapezoid):
        return f"曲线梯形（界限 ±{distribution.d:.3g}）"
    return "常数" if isinstance(distribution, Constant) else str(getattr(distribution, "term", "—"))


def sentences(found: MonteCarlo, table: BudgetTable, unit: str) -> list[str]:
    """Both results and the verdict, in Chinese."""
    simulation, agreement = found.simulation, found.agreement
    suffix, share = f" {unit}" if unit else "", f"{simulation.probability:.4g}"
    drawn = f"蒙特卡洛法（JCGM 101）试验 {simulation.trials} 次，种子 {found.seed}"
    if agreement is None:
        ends = _interval(simulation.symmetric.low, simulation.symmetric.high, 0.0)
        return [
            f"{drawn}：概率对称包含区间 {ends}{suffix}（包含概率 {share}）",
            "有输入量的 t 分布自由度不大于 2，其标准差不存在，无从定数值容差，不作验证",
            *_remarks(found),
        ]
    delta = float(agreement.delta)
    ends = _interval(simulation.symmetric.low, simulation.symmetric.high, delta)
    shortest = _interval(simulation.shortest.low, simulation.shortest.high, delta)
    mean, u = _to(simulation.mean, delta), _to(simulation.u, delta)
    first = _interval(agreement.interval.low, agreement.interval.high, delta)
    verdict = "通过验证" if agreement.is_valid else "未通过验证，宜采用蒙特卡洛法的结果"
    return [
        f"{drawn}：平均值 {mean}{suffix}，标准不确定度 {u}{suffix}，"
        f"包含概率 {share} 的概率对称包含区间 {ends}{suffix}，最短包含区间 {shortest}{suffix}",
        f"一阶结果的区间 {first}{suffix}，两端与概率对称区间相差 {float(agreement.d_low):.2g} 与 "
        f"{float(agreement.d_high):.2g}，数值容差 δ = {delta:.1g}{suffix}：{verdict}（JCGM 101 第 8 章）",
        *_remarks(found),
    ]


def as_json(found: MonteCarlo) -> dict[str, object]:
    """For programs; None where a figure doesn't exist."""
    simulation, agreement = found.simulation, found.agreement
    content: dict[str, object] = {
        "trials": int(simulation.trials),
        "seed": found.seed,
        "generator": simulation.start.algorithm,
        "probability": simulation.probability,
        "mean": float(simulation.mean) if agreement else None,
        "u": float(simulation.u) if agreement else None,
        "symmetric": [float(simulation.symmetric.low), float(simulation.symmetric.high)],
        "shortest": [float(simulation.shortest.low), float(simulation.shortest.high)],
        "distributions": {name: distribution_text(x) for name, x in found.inputs},
        "warnings": _remarks(found),
        "validated": None,
    }
    if agreement:
        content |= {
            "first_order": [float(agreement.interval.low), float(agreement.interval.high)],
            "tolerance": float(agreement.delta),
            "differences": [float(agreement.d_low), float(agreement.d_high)],
            "validated": bool(agreement.is_valid),
        }
    return content


def _remarks(found: MonteCarlo) -> list[str]:
    remarks = list(found.simulation.warnings) if found.agreement else []
    if found.fixed and found.agreement:
        remarks.append(
            "试验次数为指定，未检验蒙特卡洛结果本身是否稳定到 δ/5（JCGM 101 8.2）；--validate 会试验到稳定为止"
        )
    if found.copula is not None:
        kind = "高斯" if np.isinf(found.copula.dof) else f"自由度 {found.copula.dof:g} 的 t "
        remarks.append(f"相关的输入量以{kind}分布（copula）联结")
    return remarks


def _distribution(stated: StatedInput) -> Distribution:
    key = stated.key
    value, u, name = float(key.value), float(key.u), f"input {key.name}"
    if u == 0:
        return Constant(value)
    if stated.shape in (None, Normal):
        # A half width of a normal input stands for 99.73 %; its u is what counts.
        return Normal(value, u) if np.isinf(key.dof) else Student(value, u, key.dof)
    low, high = value - stated.half_width, value + stated.half_width
    if not low < high:
        raise ArgumentError(f"{name} 的 half_width", f"{stated.half_width:g} 小于 {value:g} 的计算精度，不能抽样")
    if stated.shape is not Rectangular or np.isinf(key.dof):
        return stated.shape(low, high)  # type: ignore[no-any-return]
    if key.dof < LEAST_DOF_OF_LIMITS:
        raise ArgumentError(f"{name} 的 dof", f"蒙特卡洛法中不应小于 {LEAST_DOF_OF_LIMITS}，为 {key.dof:g}")
    # Degrees of freedom say how far the limits can be trusted: dof = (relative uncertainty of them)^-2 / 2
    # (JCGM 100:2008 G.4.2), and inexact limits make a curvilinear trapezoid (JCGM 101:2008 6.4.3).
    return CurvilinearTrapezoid(low, high, stated.half_width / np.sqrt(2 * key.dof))


def _copula(file: BudgetFile, drawn: Sequence[Distribution]) -> Copula | None:
    """How the correlated inputs go together: multivariate normal or t where they are that, else a Gaussian copula."""
    pairs = {pair: r for pair, r in file.correlations.items() if r}
    keys = [stated.key for stated in file.inputs]
    members = [i for i, key in enumerate(keys) if any(key in pair for pair in pairs)]
    if not members:
        return None
    for i in members:
        if isinstance(drawn[i], Constant):
            raise ArgumentError("correlation", f"输入量 {keys[i].name} 的标准不确定度为零，谈不上相关")
    matrix = np.eye(len(members))
    for i, first in enumerate(members):
        for j, second in enumerate(members[:i]):
            matrix[i, j] = matrix[j, i] = pairs.get(frozenset((keys[first], keys[second])), 0.0)
    dofs = [x.dof if isinstance(x, Student) else np.inf for x in (drawn[i] for i in members)]
    if len(set(dofs)) == 1 and np.isfinite(dofs[0]):
        from scipy.sparse.csgraph import connected_components  # here, as it takes long to import

        # One t copula makes even uncorrelated members depend on each other.
        if connected_components(matrix)[0] > 1:
            raise ArgumentError("correlation", "t 分布的输入量分成互不相关的几组，蒙特卡洛法不能一并抽样")
        return Copula(matrix, members, dofs[0], Of.SCORES)
    if min(dofs) <= LEAST_DOF:
        raise ArgumentError("correlation", "有相关的输入量自由度不大于 2 而各自由度不同，蒙特卡洛法不能给出其相关")
    return Copula(matrix, members)


def _interval(low: Values, high: Values, delta: float) -> str:
    return f"[{_to(low, delta)}, {_to(high, delta)}]"


def _to(number: Values, delta: float) -> str:
    """To the decimals of the tolerance, beyond which the digits mean nothing."""
    if not delta:
        return f"{number:.8g}"
    decimals = -Decimal(f"{delta:.1g}").adjusted()
    return f"{number:.{decimals}f}" if 0 <= decimals <= 12 else f"{number:.8g}"
