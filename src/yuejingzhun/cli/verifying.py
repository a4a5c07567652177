"""`yjz verify`: the named checks of certificates, offline."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography import x509

from yuejingzhun.cli.terminal import MARKS, NOT_VALID, VALID, UnusableError, json_option, print_json, read_file
from yuejingzhun.evidence.bundle import verify_file
from yuejingzhun.evidence.checks import Report


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--trust", multiple=True, type=click.Path(path_type=Path), help="信任的根证书（PEM），可多次给出")
@json_option
def verify(files: tuple[Path, ...], trust: tuple[Path, ...], as_json: bool) -> None:
    """离线核验证书包（.yjz）、证书（.pdf）或已签名的 DCC（.xml）。"""
    anchors = [certificate for path in trust for certificate in _read_roots(path)]
    reports = {str(path): _verify(read_file(path), anchors) for path in files}
    if as_json:
        print_json({name: _as_json(report) for name, report in reports.items()})
    else:
        for name, report in reports.items():
            _print_report(name, report)
    sys.exit(VALID if all(report.valid for report in reports.values()) else NOT_VALID)


def _read_roots(path: Path) -> Iterable[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(read_file(path))
    except ValueError as error:
        raise UnusableError(f"{path} 不是 PEM 证书") from error


def _verify(data: bytes, anchors: list[x509.Certificate]) -> Report:
    return verify_file(data, anchors, datetime.now(UTC))


def _as_json(report: Report) -> dict[str, object]:
    checks = [
        {"name": c.name, "label": c.label, "status": c.status.name.lower(), "detail": c.detail} for c in report.checks
    ]
    return {"valid": report.valid, "checks": checks}


def _print_report(name: str, report: Report) -> None:
    click.echo(f"{name}：{'核验通过' if report.valid else '核验未通过'}")
    for check in report.checks:
        click.echo(f"  {MARKS[check.status]} {check.label} {check.status.value}  {check.detail}".rstrip())
