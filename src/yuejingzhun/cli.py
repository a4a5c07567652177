"""The command `yjz`. Exit status: 0 valid or done, 1 not valid, 2 unusable input."""

import json
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography import x509

import yuejingzhun
from yuejingzhun.evidence.bundle import verify_file
from yuejingzhun.evidence.checks import Report, Status

VALID, NOT_VALID, UNUSABLE = 0, 1, 2
MARKS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.ABSENT: "–"}
json_option = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("var"),
    envvar="YJZ_DATA",
    show_default=True,
    help="数据文件夹",
)
host_option = click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True, help="监听地址")
port_option = click.option("--port", default=8000, type=int, envvar="PORT", show_default=True, help="监听端口")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(yuejingzhun.__version__, message="粤精准 %(version)s")
def main() -> None:
    """粤精准：从原始记录到任何人都能查验的证书。"""


@main.command()
@data_option
@host_option
@port_option
def demo(data: Path, host: str, port: int) -> None:
    """载入演示数据（仅第一次）并启动服务。"""
    _run(data, host, port, with_demo=True)


@main.command()
@data_option
@host_option
@port_option
def serve(data: Path, host: str, port: int) -> None:
    """启动服务。"""
    _run(data, host, port, with_demo=False)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--trust", multiple=True, type=click.Path(path_type=Path), help="信任的根证书（PEM），可多次给出")
@json_option
def verify(files: tuple[Path, ...], trust: tuple[Path, ...], as_json: bool) -> None:
    """离线核验证书包（.yjz）、证书（.pdf）或已签名的 DCC（.xml）。"""
    anchors = [certificate for path in trust for certificate in _read_roots(path)]
    reports = {str(path): _verify(_read(path), anchors) for path in files}
    if as_json:
        click.echo(
            json.dumps({name: _as_json(report) for name, report in reports.items()}, ensure_ascii=False, indent=1)
        )
    else:
        for name, report in reports.items():
            _print_report(name, report)
    sys.exit(VALID if all(report.valid for report in reports.values()) else NOT_VALID)


def _run(data: Path, host: str, port: int, *, with_demo: bool) -> None:
    # Imported here: the other commands need neither Django nor a database.
    from yuejingzhun.project.embedded_database import DatabaseError
    from yuejingzhun.project.server import PortTakenError, serve, site

    began = time.monotonic()
    try:
        with site(data, _progress):
            if with_demo:
                _load_demo()
            _progress(f"服务已就绪（{time.monotonic() - began:.1f} 秒）：http://{host}:{port}  按 Ctrl-C 停止")
            serve(host, port)
            _progress("正在停止")
    except (DatabaseError, PortTakenError) as error:
        raise _Unusable(str(error)) from error


def _load_demo() -> None:
    from yuejingzhun.demo import province

    if not province.is_loaded():
        province.load(datetime.now(UTC), lambda what: _progress(f"演示数据：{what}"))
    for line in province.account_lines():
        click.echo(f"  {line}")
    click.echo("  试一试：用检定员新建一份记录，换核验员核验，再换签字人批准，然后在首页查询证书编号。")


def _progress(text: str) -> None:
    click.echo(f"→ {text}")


class _Unusable(click.ClickException):
    exit_code = UNUSABLE

    def show(self, file: object = None) -> None:
        click.echo(f"错误：{self.message}", err=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _Unusable(f"无法读取 {path}：{error.strerror}") from error


def _read_roots(path: Path) -> Iterable[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_read(path))
    except ValueError as error:
        raise _Unusable(f"{path} 不是 PEM 证书") from error


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
