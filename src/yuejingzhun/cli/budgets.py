"""`yjz budget`: an uncertainty budget from a file that a metrologist can write."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from yuejingzhun.cli.budget_file import BudgetFile, StatedInput, read_budget
from yuejingzhun.cli.budget_validation import MonteCarlo, as_json, distribution_text, sentences, validate_budget
from yuejingzhun.cli.formula import FormulaError
from yuejingzhun.cli.outputs import output_options, write_outputs
from yuejingzhun.cli.plots.budget import draw_budget
from yuejingzhun.cli.report import Report, Table
from yuejingzhun.cli.terminal import UnusableError, json_option, print_json, print_table
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.budget_table import HEADINGS, BudgetTable, budget_table, cells, statement
from yuejingzhun.metrology.uncertainty.second_order import SecondOrder, second_order

MOST_TRIALS = 10_000_000
SEED = 1  # where none is given: the same file gives the same report
BASIS = "JJF 1059.1-2012、JCGM 100:2008（GUM）5.1.2、5.2.2、6、G.4"


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The file, its budget, and what was asked for beside it."""

    file: BudgetFile
    table: BudgetTable
    second: SecondOrder | None
    monte_carlo: MonteCarlo | None = None

    def remarks(self) -> list[str]:
        """Sentences on what was asked for beside the budget, and on its limits."""
        said = [] if self.second is None else [_second_text(self.second, self.file.unit)]
        if self.file.correlations and np.isfinite(self.table.dof):
            said.append("相关的输入量合为一个分量计有效自由度（Willink 2007；各自由度不同时取最小者）")
        return said + ([] if self.monte_carlo is None else sentences(self.monte_carlo, self.table, self.file.unit))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--second-order", "second", is_flag=True, help="另给出含二阶项的结果（JCGM 100 5.1.2 注）")
@click.option("--validate", is_flag=True, help="用蒙特卡洛法验证，试验到结果稳定为止（JCGM 101 第 8 章）")
@click.option("--monte-carlo", type=click.IntRange(2, MOST_TRIALS), help="用蒙特卡洛法验证，试验这么多次")
@click.option("--seed", type=click.IntRange(min=0), help=f"蒙特卡洛法随机数的种子  [default: {SEED}]")
@output_options
@json_option
def budget(
    file: Path,
    second: bool,
    validate: bool,
    monte_carlo: int | None,
    seed: int | None,
    plot: Path | None,
    pdf: Path | None,
    as_json: bool,
) -> None:
    """由 FILE（toml：model 与各 [[input]]）计算不确定度预算表。

    输入量有三种写法：value 与 u；value 与 half_width（distribution 为 rectangular、normal、triangular 或 arcsine）；
    readings。
    """
    if validate and monte_carlo is not None:
        raise UnusableError("--validate 与 --monte-carlo 只用其一：前者自定试验次数")
    if seed is not None and not validate and monte_carlo is None:
        raise UnusableError("--seed 应与 --validate 或 --monte-carlo 同用")
    try:
        content = read_budget(file)
        found = _evaluate(content, second)
        if validate or monte_carlo is not None:
            checked = validate_budget(content, found.table, monte_carlo, SEED if seed is None else seed)
            found = replace(found, monte_carlo=checked)
    except (ArgumentError, FormulaError) as error:
        raise UnusableError(f"{file}：{error}") from error
    except (ArithmeticError, ValueError) as error:
        raise UnusableError(f"{file}：公式在给定的值处不能计算（{error}）") from error
    write_outputs(
        plot, pdf, lambda: draw_budget(found.table, found.file.unit), lambda drawn: _report(file, found, drawn)
    )
    if as_json:
        print_json(_as_json(found))
        return
    print_table(HEADINGS, cells(found.table))
    for sentence in (statement(found.table, found.file.unit), *found.remarks()):
        click.echo(sentence)


def _evaluate(file: BudgetFile, second: bool) -> Evaluated:
    with np.errstate(invalid="raise", divide="raise", over="raise"):
        result = file.model(*(stated.number for stated in file.inputs))
        table = budget_table(file.quantity, result, file.correlations or None, file.probability)
        if not (np.isfinite(table.value) and np.isfinite(table.u)):
            raise FormulaError("公式在给定的值处没有有限的结果")
        if second and file.correlations:
            raise ArgumentError("correlation", "含二阶项的结果只适用于互不相关的输入量")
        terms = second_order(file.model, [stated.key for stated in file.inputs]) if second else None
    return Evaluated(file, table, terms)


def _second_text(found: SecondOrder, unit: str) -> str:
    suffix = f" {unit}" if unit else ""
    return f"含二阶项：数值 {found.value:.8g}{suffix}，合成标准不确定度 {found.u:.6g}{suffix}"


def _as_json(found: Evaluated) -> dict[str, object]:
    table = found.table
    rows = [
        {
            "name": row.quantity,
            "estimate": row.estimate,
            "u": row.u,
            "evaluation": row.evaluation,
            "dof": _finite(row.dof),
            "sensitivity": row.sensitivity,
            "contribution": row.contribution,
            "share_percent": row.share_percent,
        }
        for row in table.rows
    ]
    content: dict[str, object] = {
        "quantity": table.quantity,
        "unit": found.file.unit,
        "probability": table.coverage_probability,
        "value": table.value,
        "u": table.u,
        "dof": _finite(table.dof),
        "k": table.k,
        "U": table.expanded_u,
        "inputs": rows,
    }
    if found.second is not None:
        content |= {"second_order_value": float(found.second.value), "second_order_u": float(found.second.u)}
    if found.monte_carlo is not None:
        content["monte_carlo"] = as_json(found.monte_carlo)
    return content


def _finite(number: float) -> float | None:
    """For JSON, which has no infinity."""
    return None if np.isinf(number) else float(number)


def _report(path: Path, found: Evaluated, drawn: Any) -> Report:
    file, table = found.file, found.table
    clauses = [BASIS]
    if found.second is not None:
        clauses.append("JCGM 100:2008 5.1.2 注（二阶项）")
    if found.monte_carlo is not None:
        clauses.append("JCGM 101:2008 第 7、8 章（蒙特卡洛法与验证）")
    return Report(
        title="测量不确定度评定报告",
        computed=f"由各输入量与测量模型，按不确定度传播律评定 {file.quantity} 的测量不确定度。",
        file=path,
        conditions=[
            ("被测量", f"{file.quantity}{f'（{file.unit}）' if file.unit else ''}"),
            ("测量模型", f"{file.quantity} = {' '.join(file.formula.split())}"),
        ],
        basis=clauses,
        inputs=[_inputs(found), *_correlated(file)],
        results=[Table("不确定度预算表", HEADINGS, cells(table), left=(0, 3))],
        statement=[_result(table, file.unit), statement(table, file.unit), *found.remarks()],
        figure=drawn,
        caption="各输入量的不确定度分量与合成标准不确定度",
    )


def _result(table: BudgetTable, unit: str) -> str:
    """y and U, to the same place (JCGM 100:2008 7.2.4)."""
    # The row of the result with U in place of u is rounded by the same rule.
    _, value, expanded, *_ = cells(replace(table, rows=(), u=table.expanded_u, correlation_percent=0.0))[0]
    suffix = f" {unit}" if unit else ""
    return f"{table.quantity} = {value}{suffix}，U = {expanded}{suffix}（k = {table.k:.2f}）"


def _inputs(found: Evaluated) -> Table:
    """The inputs as the file states them, and what they were drawn from where they were."""
    rows = [(stated.key.name, _stated(stated)) for stated in found.file.inputs]
    if found.monte_carlo is None:
        return Table("输入量", ("输入量", "给出的"), rows, left=(0, 1))
    drawn = [distribution_text(distribution) for _, distribution in found.monte_carlo.inputs]
    all_three = [(*row, text) for row, text in zip(rows, drawn, strict=True)]
    return Table("输入量", ("输入量", "给出的", "蒙特卡洛法的分布"), all_three, left=(0, 1, 2))


def _stated(stated: StatedInput) -> str:
    key = stated.key
    if stated.form == "readings":
        return f"{len(stated.readings)} 个读数：{'，'.join(f'{x:.10g}' for x in stated.readings)}"
    dof = "" if np.isinf(key.dof) else f"，自由度 {key.dof:g}"
    if stated.form == "u":
        return f"{key.value:.10g}，u = {key.u:.6g}{dof}"
    return f"{key.value:.10g} ± {stated.half_width:.6g}（{key.evaluation}）{dof}"


def _correlated(file: BudgetFile) -> list[Table]:
    rows = [(*sorted(key.name for key in pair), f"{r:g}") for pair, r in file.correlations.items()]
    return [Table("相关系数", ("输入量", "输入量", "r"), rows, left=(0, 1))] if rows else []
