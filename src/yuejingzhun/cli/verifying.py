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
from yuejingzhun.evidence.log.note import NoteError
from yuejingzhun.evidence.log.policy import Policy, parse_policy


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--trust", multiple=True, type=click.Path(path_type=Path), help="信任的根证书（PEM），可多次给出")
@click.option("--log", "log_file", type=click.Path(path_type=Path), help="信任名单：日志与见证人的公钥，及所需见证人数")
@click.option(
    "--standing", type=click.Path(path_type=Path), help="失效清单（网站的 /log/standing）：断网也能看出是否已撤销"
)
@json_option
def verify(
    files: tuple[Path, ...], trust: tuple[Path, ...], log_file: Path | None, standing: Path | None, as_json: bool
) -> None:
    """离线核验证书包（.yjz）、证书（.pdf）或已签名的 DCC（.xml）。"""
    anchors = [certificate for path in trust for certificate in _read_roots(path)]
    log = read_policy(log_file) if log_file else None
    listed = read_file(standing) if standing else None
    now = datetime.now(UTC)
    reports = {str(path): verify_file(read_file(path), anchors, now, log, (), listed) for path in files}
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


def read_policy(path: Path) -> Policy:
    """Whom one trusts about the log, from a file; raises UnusableError."""
    try:
        return parse_policy(read_file(path).decode())
    except (NoteError, UnicodeDecodeError) as error:
        raise UnusableError(f"{path}：{error}") from error


def _as_json(report: Report) -> dict[str, object]:
    checks = [
        {"name": c.name, "label": c.label, "status": c.status.name.lower(), "detail": c.detail} for c in report.checks
    ]
    return {"valid": report.valid, "checks": checks}


def _print_report(name: str, report: Report) -> None:
    click.echo(f"{name}：{'核验通过' if report.valid else '核验未通过'}")
    for check in report.checks:
        click.echo(f"  {MARKS[check.status]} {check.label} {check.status.value}  {check.detail}".rstrip())
