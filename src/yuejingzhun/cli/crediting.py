"""`yjz credit verify`: recompute a party's grade from its published file, offline."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from yuejingzhun.cli.terminal import MARKS, NOT_VALID, VALID, UnusableError, json_option, print_json, read_file
from yuejingzhun.cli.verifying import read_policy
from yuejingzhun.evidence.checks import Status
from yuejingzhun.platform.supervision.credit.published import PublishedError, decode
from yuejingzhun.platform.supervision.credit.published import verify as verify_rating


@click.group()
def credit() -> None:
    """计量信用：任何人都能重新计算。"""


@credit.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--log", "log_file", type=click.Path(path_type=Path), required=True, help="信任名单：日志与见证人的公钥")
@json_option
def verify(file: Path, log_file: Path, as_json: bool) -> None:
    """按 FILE（评价文件）中的事实与规则重新计算级别，并核对它已登记在透明日志。"""
    try:
        found = decode(read_file(file))
    except PublishedError as error:
        raise UnusableError(f"{file}：{error}") from error
    report = verify_rating(found, read_policy(log_file), datetime.now(UTC))
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
