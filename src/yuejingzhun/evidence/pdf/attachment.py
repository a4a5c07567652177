"""Getting the DCC back out of a printed certificate that comes from outside."""

import io

import pikepdf

NAME = "certificate.xml"
MAXIMUM_PDF, MAXIMUM_ATTACHMENT = 32 * 1024 * 1024, 16 * 1024 * 1024


class PdfError(ValueError):
    """Not a PDF from which the DCC can be taken; the message says in Chinese why."""


def attachment(pdf: bytes) -> bytes:
    """The attached certificate.xml; raises PdfError."""
    if len(pdf) > MAXIMUM_PDF:
        raise PdfError(f"PDF 有 {len(pdf)} 字节，超过上限 {MAXIMUM_PDF} 字节")
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            found = [spec for name, spec in document.attachments.items() if name == NAME]
            if len(found) != 1:
                raise PdfError(f"PDF 中有 {len(found)} 个名为 {NAME} 的附件，应恰有一个")
            data = found[0].get_file().read_bytes()
    except pikepdf.PasswordError as error:
        raise PdfError("PDF 有密码保护，请用原件") from error
    # What a broken file makes the library raise is an open list; each means the same to the user.
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, OverflowError, AttributeError) as error:
        if isinstance(error, PdfError):
            raise
        raise PdfError("不是可读的 PDF，或文件已损坏") from error
    if len(data) > MAXIMUM_ATTACHMENT:
        raise PdfError(f"附件 {NAME} 过大")
    return data
