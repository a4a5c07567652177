"""The command `yjz`. Exit status: 0 valid or done, 1 not valid, 2 unusable input."""

import json
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

import yuejingzhun
from yuejingzhun.demo import offline
from yuejingzhun.evidence.bundle import verify_file
from yuejingzhun.evidence.checks import Report, Status
from yuejingzhun.evidence.keys import KeyImportError, load_pkcs12
from yuejingzhun.evidence.pdf.glyphs import MissingGlyphError
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.record import RecordError
from yuejingzhun.procedures.workbook.read import Filled, WorkbookError, read_workbook

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


@main.command(name="evaluate")
@click.argument("record", type=click.Path(path_type=Path))
@json_option
def evaluate_record(record: Path, as_json: bool) -> None:
    """按规程评定一份填好的记录工作簿（.xlsx）。"""
    filled = _read_record(record)
    found = _evaluated(filled)
    if as_json:
        click.echo(json.dumps(_evaluation_json(found), ensure_ascii=False, indent=1))
    else:
        _print_evaluation(found)
    sys.exit(VALID if found.passed else NOT_VALID)


@main.command()
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--number", required=True, help="证书编号")
@click.option("--out", type=click.Path(path_type=Path), default=Path(), help="输出文件夹")
@click.option("--key", type=click.Path(path_type=Path), help="签名私钥与证书（PKCS#12）；不给则用一次性的演示密钥")
@click.option("--passphrase", envvar="YJZ_KEY_PASSPHRASE", help="PKCS#12 的口令")
@json_option
def issue(record: Path, number: str, out: Path, key: Path | None, passphrase: str | None, as_json: bool) -> None:
    """不经服务器，由记录工作簿签发证书：写出 .yjz、.pdf 和 .xml。"""
    filled = _read_record(record)
    found = _evaluated(filled)
    at = offline.now()
    signer = _signer(key, passphrase, at)
    try:
        issued = offline.issue_record(filled.record, filled.standard, number, signer, at)
    except MissingGlyphError as error:
        raise _Unusable(str(error)) from error
    files = {"yjz": issued.bundle, "pdf": issued.pdf, "xml": issued.signed_xml}
    if signer.authority:
        files["root.pem"] = signer.authority.certificate.public_bytes(Encoding.PEM)
    written = [_write(out / f"{number}.{suffix}", data) for suffix, data in files.items()]
    if as_json:
        click.echo(json.dumps({"passed": found.passed, "files": written}, ensure_ascii=False, indent=1))
    else:
        click.echo(f"{number}：{'合格' if found.passed else '不合格'}，已写出 {'、'.join(written)}")
    sys.exit(VALID if found.passed else NOT_VALID)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def sample(folder: Path, as_json: bool) -> None:
    """写出每份规程合格、不合格各一份的记录与证书包，不需要服务器。"""
    try:
        offline.write_samples(folder, offline.now(), (lambda _: None) if as_json else _progress)
    except OSError as error:
        raise _Unusable(f"无法写入 {folder}：{error.strerror}") from error
    written = sorted(path.name for path in folder.iterdir())
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "files": written}, ensure_ascii=False, indent=1))
    else:
        click.echo(f"已写出 {len(written)} 个文件。试一试：yjz verify {folder}/*.yjz --trust {folder}/root.pem")


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


def _read_record(path: Path) -> Filled:
    try:
        return read_workbook(_read(path))
    except WorkbookError as error:
        raise _Unusable(
            "\n  ".join([f"{path} 有 {len(error.problems)} 处要改：", *map(str, error.problems)])
        ) from error


def _evaluated(filled: Filled) -> Evaluation:
    try:
        return evaluate(procedure(filled.record.regulation), filled.record, filled.standard)
    except RecordError as error:
        located = [str(filled.locate(problem)) for problem in error.problems]
        raise _Unusable("\n  ".join([f"记录有 {len(located)} 处要改：", *located])) from error


def _signer(key: Path | None, passphrase: str | None, at: datetime) -> offline.Signer:
    if key is None:
        return offline.demonstration_signer(at)
    try:
        return offline.Signer(load_pkcs12(_read(key), passphrase or ""), None)
    except KeyImportError as error:
        raise _Unusable(f"{key}：{error}") from error


def _write(path: Path, data: bytes) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise _Unusable(f"无法写入 {path}：{error.strerror}") from error
    return str(path)


def _evaluation_json(found: Evaluation) -> dict[str, object]:
    points = [
        {
            "test": p.test,
            "point": p.point.label,
            "error": str(p.rounded),
            "mpe": str(p.mpe),
            "expanded_uncertainty": str(p.expanded_uncertainty),
            "coverage_factor": str(p.coverage_factor),
            "unit": p.unit,
            "passed": p.passed,
        }
        for p in found.points
    ]
    until = found.valid_until.isoformat() if found.valid_until else None
    verdict = {"regulation": found.regulation, "passed": found.passed, "valid_until": until}
    return verdict | {"reasons": list(found.reasons), "points": points}


def _print_evaluation(found: Evaluation) -> None:
    for point in found.points:
        mark = MARKS[Status.PASSED if point.passed else Status.FAILED]
        u = f"U = {point.expanded_uncertainty}（k = {point.coverage_factor}）" if point.expanded_uncertainty else ""
        click.echo(
            f"  {mark} {point.point.label}：误差 {point.rounded} {point.unit}，允许 ±{point.mpe} {point.unit} {u}"
        )
    for requirement in found.requirements:
        mark = MARKS[Status.PASSED if requirement.passed else Status.FAILED]
        click.echo(f"  {mark} {requirement.label}：{requirement.found}（要求{requirement.limit}）")
    for reason in found.reasons:
        click.echo(f"  不合格原因：{reason}")
    until = f"，有效期至 {found.valid_until}" if found.valid_until else ""
    click.echo(f"{found.regulation}：{'合格' if found.passed else '不合格'}{until}")


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
