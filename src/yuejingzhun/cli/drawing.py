"""`yjz draw verify`: recompute a draw from its published transcript."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from yuejingzhun.cli.terminal import MARKS, NOT_VALID, VALID, UnusableError, json_option, print_json, read_file
from yuejingzhun.cli.verifying import read_policy
from yuejingzhun.evidence.checks import Status
from yuejingzhun.evidence.draw.plan import DrawError
from yuejingzhun.evidence.draw.transcript import decode
from yuejingzhun.evidence.draw.transcript import verify as verify_draw


@click.group()
def draw() -> None:
    """双随机抽查：任何人都能重新计算。"""


@draw.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--log", "log_file", type=click.Path(path_type=Path), required=True, help="信任名单：日志与见证人的公钥")
@json_option
def verify(file: Path, log_file: Path, as_json: bool) -> None:
    """重新计算 FILE（抽查记录）中的抽取，并核对方案先于种子登记。"""
    try:
        transcript = decode(read_file(file))
    except DrawError as error:
        raise UnusableError(f"{file}：{error}") from error
    report = verify_draw(transcript, read_policy(log_file), datetime.now(UTC))
    passed = all(check.status is Status.PASSED for check in report.checks)
    if as_json:
        checks = [
            {"name": c.name, "label": c.label, "status": c.status.name.lower(), "detail": c.detail}
            for c in report.checks
        ]
        print_json({"valid": passed, "checks": checks})
    else:
        click.echo(f"{file}：{'核验通过' if passed else '核验未通过'}")
        for check in report.checks:
            click.echo(f"  {MARKS[check.status]} {check.label} {check.status.value}  {check.detail}".rstrip())
    sys.exit(VALID if passed else NOT_VALID)
