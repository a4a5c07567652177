"""`yjz import-key`: an institute's own signing key takes the place of the demonstration key."""

import os
from pathlib import Path

import click

from yuejingzhun.cli.serving import data_option
from yuejingzhun.cli.terminal import UnusableError, read_file
from yuejingzhun.evidence.keys import KeyImportError, load_pkcs12


@click.command(name="import-key")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--institute", required=True, type=click.IntRange(min=1), help="检定机构在本系统中的编号")
@click.option("--passphrase", envvar="YJZ_IMPORT_PASSPHRASE", prompt="PKCS#12 的口令", hide_input=True, help="口令")
@data_option
def import_key(file: Path, institute: int, passphrase: str, data: Path) -> None:
    """导入检定机构自己的签名私钥与证书（PKCS#12）；此后签发的证书用它签名。"""
    try:
        identity = load_pkcs12(read_file(file), passphrase)
    except KeyImportError as error:
        raise UnusableError(f"{file}：{error}") from error
    os.environ["YJZ_DATA"] = str(data.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuejingzhun.project.settings")
    # Imported here: the settings read their folder from the environment.
    from yuejingzhun.platform.operations.certificates.signing import import_identity

    path = import_identity(institute, identity)
    click.echo(f"已导入 {identity.certificate.subject.rfc4514_string()}：{path}")
    click.echo(f"要让本系统信任它的根证书，请把根证书（PEM）放到 {path.parent / 'trusted'}")
