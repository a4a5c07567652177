"""Whether a file that was handed in is whole: an upload that broke off has its first bytes, but not its last."""

from yuejingzhun.platform.foundation.files.store import Kind

NEAR_THE_END = 1024  # bytes in which readers look for the end mark of a PDF (ISO 32000-1, annex H.3, note 18)
ENDS = {
    Kind.PDF: b"%%EOF",  # ISO 32000-1 7.5.5
    Kind.PNG: b"IEND\xaeB`\x82",  # ISO/IEC 15948 11.2.5: the last chunk, empty, with its check value
    Kind.JPEG: b"\xff\xd9",  # ISO/IEC 10918-1 B.1.1.3: EOI
}


def problem_of_end(name: str, kind: Kind, data: bytes) -> str | None:
    """Why a file isn't whole, in Chinese; None where its end mark is there."""
    if ENDS[kind] in data[-NEAR_THE_END:]:
        return None
    return f"文件 {name[:80]!r} 不完整：{kind.name} 没有结束标记，可能传输中断，请重新上传"
