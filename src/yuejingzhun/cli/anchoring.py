"""`yjz chain`: the contract that holds the heads of a log on a chain of the parties."""

from pathlib import Path

import click

from yuejingzhun.cli.terminal import UnusableError, read_file


@click.group()
def chain() -> None:
    """区块链锚定（FISCO BCOS 3、Besu 等以太坊接口的链）。"""


@chain.command()
@click.argument("url")
@click.option("--origin", required=True, help="日志名称（检查点的第一行）")
@click.option("--key", "key_file", type=click.Path(path_type=Path), required=True, help="运营者私钥文件（十六进制）")
@click.option("--confirmations", type=int, default=0, show_default=True, help="区块最终确定所需的后续区块数")
def deploy(url: str, origin: str, key_file: Path, confirmations: int) -> None:
    """在 URL 的链上部署锚定合约，并印出 keys/chain.txt 的内容。"""
    try:
        from yuejingzhun.evidence.anchor import chain as adapter
    except ImportError as error:
        raise UnusableError("没有安装区块链支持，请安装 yuejingzhun[chain]") from error
    from yuejingzhun.evidence.anchor.proof import AnchorError

    try:
        key = read_file(key_file).decode().strip()
        chain_id, genesis = adapter.identify(url)
        config = adapter.ChainConfig(url, chain_id, genesis, "", confirmations)
        contract = adapter.deploy(config, origin, key)
    except (AnchorError, ValueError) as error:
        raise UnusableError(str(error)) from error
    click.echo(f"url={url}\nchain_id={chain_id}\ngenesis={genesis}\ncontract={contract}\nconfirmations={confirmations}")
