"""`yjz witness`: run by someone else, it remembers each log's last checkpoint and cosigns only what continues it."""

import os
from pathlib import Path

import click

from yuejingzhun.cli.terminal import UnusableError, progress
from yuejingzhun.evidence.log.note import KeyKind, NoteError, check_name, parse_vkey
from yuejingzhun.evidence.log.note_signer import generate, store
from yuejingzhun.evidence.log.witness_app import logs_of, signers_of

KINDS = {"ed25519": KeyKind.COSIGNATURE_ED25519, "ml-dsa-44": KeyKind.COSIGNATURE_ML_DSA_44}
folder_argument = click.argument("folder", type=click.Path(path_type=Path))


@click.group()
def witness() -> None:
    """独立见证人：由平台以外的单位运行。"""


@witness.command()
@folder_argument
@click.option("--name", required=True, help="见证人名称，如 witness.example.cn/gd")
def init(folder: Path, name: str) -> None:
    """在 FOLDER 中生成见证人的两把密钥（Ed25519 与抗量子的 ML-DSA-44），并显示其公钥。"""
    try:
        check_name(name)
        (folder / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
        for file, kind in KINDS.items():
            store(folder / "keys" / f"{file}.key", generate(name, kind))
    except FileExistsError as error:
        raise UnusableError(f"{folder} 中已有见证人的密钥，不会覆盖") from error
    except (NoteError, OSError) as error:
        raise UnusableError(str(error)) from error
    (folder / "logs.txt").touch()
    click.echo("公钥（交给日志的运营者和核验者）：")
    for signer in signers_of(folder):
        click.echo(signer.key.vkey)


@witness.command()
@folder_argument
@click.argument("vkey")
def trust(folder: Path, vkey: str) -> None:
    """认识一个日志：把它的公钥文本加入 FOLDER。"""
    try:
        key = parse_vkey(vkey)
        known = logs_of(folder)
    except (NoteError, OSError) as error:
        raise UnusableError(str(error)) from error
    if key.kind is not KeyKind.ED25519:
        raise UnusableError("这是见证人的公钥，应给出日志的公钥")
    if key in known.get(key.name, ()):
        click.echo(f"已经认识日志 {key.name}")
        return
    with (folder / "logs.txt").open("a") as file:
        file.write(key.vkey + "\n")
    click.echo(f"今后见证日志 {key.name}")


@witness.command()
@folder_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", default=8010, type=int, show_default=True, help="监听端口")
def serve(folder: Path, host: str, port: int) -> None:
    """启动见证服务（HTTP，C2SP tlog-witness）。"""
    from granian import Granian
    from granian.constants import Interfaces

    try:
        signers, known = signers_of(folder), logs_of(folder)
    except (NoteError, OSError) as error:
        raise UnusableError(str(error)) from error
    if not signers:
        raise UnusableError(f"{folder} 中没有见证人的密钥，请先运行 yjz witness init")
    names = "、".join(known) or "还没有（用 yjz witness trust 加入）"
    progress(f"见证人 {signers[0].key.name}：http://{host}:{port}  见证的日志：{names}  按 Ctrl-C 停止")
    os.environ["YJZ_WITNESS"] = str(folder.absolute())
    Granian(
        "yuejingzhun.evidence.log.witness_app:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        log_enabled=False,
    ).serve()
