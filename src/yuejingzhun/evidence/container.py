"""The stored zip that carries a certificate and its proofs (`.yjz`).

There is exactly one right sequence of bytes for given contents: entries sorted by name, nothing compressed, a
fixed date, no extra fields, no comments. `unpack` packs what it read again and compares, so a flipped byte is
found wherever it is, also in the headers that no checksum of the zip format covers.
"""

import io
import re
import zipfile
from collections.abc import Mapping

MAXIMUM_SIZE = 32 * 1024 * 1024
MAXIMUM_FILES = 64
_NAME = re.compile(r"(?:[a-z0-9][a-z0-9._-]{0,63}/)?[a-z0-9][a-z0-9._-]{0,63}")
_EPOCH = (1980, 1, 1, 0, 0, 0)


class ContainerError(ValueError):
    """The bytes are not a certificate bundle, or not an unchanged one; the message is for the user."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """The one zip for these files; raises ContainerError for a name or size that no bundle may have."""
    _check_contents(files)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # the zip module would otherwise write the system it runs on
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a bundle by name; raises ContainerError unless `data` is what `pack` makes of them."""
    if len(data) > MAXIMUM_SIZE:
        raise ContainerError(f"证书包过大：{len(data)} 字节，应不超过 {MAXIMUM_SIZE} 字节")
    if not data.startswith(b"PK"):
        raise ContainerError("不是证书包：文件开头不是 ZIP 标志")
    files = _read(data)
    if pack(files) != data:
        raise ContainerError("证书包已被改动：与其内容重新打包的结果不一致")
    return files


def _read(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            return {entry.filename: archive.read(entry) for entry in entries}
    except ContainerError:
        raise
    # What the zip module raises on hostile bytes is an open list; each means the same to the user.
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, ValueError) as error:
        raise ContainerError(f"证书包已损坏，无法读取（{error}）") from error
    except (NotImplementedError, RuntimeError, OverflowError, IndexError) as error:
        raise ContainerError(f"证书包使用了不支持的 ZIP 功能（{error}）") from error


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    # Checked before anything is read, so that a compression bomb never unfolds.
    if len(entries) > MAXIMUM_FILES:
        raise ContainerError(f"证书包含有 {len(entries)} 个文件，应不超过 {MAXIMUM_FILES} 个")
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 0x1:
            raise ContainerError(f"证书包中的 {entry.filename!r} 经过压缩或加密，应为原样存储")
    if len({entry.filename for entry in entries}) != len(entries):
        raise ContainerError("证书包中有同名文件")


def _check_contents(files: Mapping[str, bytes]) -> None:
    if not files:
        raise ContainerError("证书包是空的")
    for name in files:
        if not _NAME.fullmatch(name):
            raise ContainerError(f"证书包中的文件名 {name!r} 不合规定，应为小写字母、数字、点和连字符，至多一层文件夹")
    size = sum(len(content) for content in files.values())
    if size > MAXIMUM_SIZE:
        raise ContainerError(f"证书包内容过大：{size} 字节，应不超过 {MAXIMUM_SIZE} 字节")
