"""Signed DCCs and PDFs by themselves, spelled otherwise or tampered with: the page and `yjz verify` say the same."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import test_bundle as made
from playwright.sync_api import Page
from pyhanko.pdf_utils.generic import DictionaryObject, NameObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from visiting import NOW, differences, in_browser, needs_chromium, outside

from yuejingzhun.evidence.authority import issue_timestamp_signer
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.container import unpack
from yuejingzhun.evidence.issue import sign
from yuejingzhun.evidence.pdf.pades import sign_pdf
from yuejingzhun.evidence.signature import sign_xml

pytestmark = needs_chromium
STAMPER = issue_timestamp_signer(made.ROOT, "演示时间戳服务", NOW - timedelta(days=1))


def documents(xml: bytes) -> dict[str, bytes]:
    text = xml.decode()
    head, rest = text.split("?>", 1)
    assert head.startswith("<?xml")
    start, end = text.index("<ds:Signature "), text.index("</ds:Signature>")
    signature = text[start : end + len("</ds:Signature>")]
    bare, closing = text.replace(signature, ""), text[end + len("</ds:Signature>") :]

    def encoded(name: str, codec: str) -> bytes:
        return f'<?xml version="1.0" encoding="{name}"?>{rest}'.encode(codec)

    def without(pattern: str) -> str:
        assert re.search(pattern, text, re.DOTALL)
        return re.sub(pattern, "", text, count=1, flags=re.DOTALL)

    def put(mark: str, more: str) -> str:
        assert mark in text
        return text.replace(mark, more, 1)

    spelled = {
        "in GB18030": encoded("GB18030", "gb18030"),
        "in GBK": encoded("gbk", "gbk"),
        "in Latin 1, said of UTF-8": encoded("ISO-8859-1", "utf-8"),
        "in ASCII, said of UTF-8": encoded("US-ASCII", "utf-8"),
        "in UTF-8, said of GBK": encoded("UTF-8", "gbk"),
        "in Big5": encoded("Big5", "gb18030"),
        "in sixteen bits": ("\ufeff" + f'<?xml version="1.0" encoding="UTF-16"?>{rest}').encode("utf-16-le"),
        "in sixteen bits without a mark": f'<?xml version="1.0" encoding="UTF-16"?>{rest}'.encode("utf-16-le"),
        "with a mark": b"\xef\xbb\xbf" + xml,
        "with blanks before": b"\n" * 300 + xml,
        "with blanks before, undeclared": b"\n" * 300 + rest.encode(),
        "undeclared": rest.encode(),
        "with blanks after": xml + b"\n \n",
        "with something after": xml + b"x",
        "with carriage returns": xml.replace(b"?>", b"?>\r\n", 1),
    }
    changed = {
        "with a blank after the signature": put(signature + closing, signature + " " + closing),
        "with text in the signature": put("<ds:SignatureValue>", "text<ds:SignatureValue>"),
        "with blanks in the signature": put("<ds:SignatureValue>", "\n <ds:SignatureValue>"),
        "with an attribute on the signature": put("<ds:Signature ", '<ds:Signature evil="1" '),
        "with an Id that is none": put("<ds:Signature ", '<ds:Signature Id="1 2" ') if ' Id="' not in signature[:200]
        else re.sub(r'(<ds:Signature [^>]*Id=")', r"\g<1>1 ", text, count=1),
        "with an Id twice": re.sub(r"<ds:Object>", '<ds:Object Id="_x"><!---->', text, count=1).replace("<!---->", ""),
        "with an Id of what is signed": put(
            "<ds:Object>", '<ds:Object Id="' + re.search(r'SignedProperties Id="([^"]+)"', text)[1] + '">'
        ),
        "with an id of what is signed": put(
            "<ds:Object>", '<ds:Object id="' + re.search(r'SignedProperties Id="([^"]+)"', text)[1] + '">'
        ),
        "with an object more": put("</ds:Object>", "</ds:Object><ds:Object>evil</ds:Object>"),
        "with text in the object": put("<ds:Object>", "<ds:Object>evil"),
        "with properties that nobody signed": put(
            "</xades:QualifyingProperties>",
            "<xades:UnsignedProperties></xades:UnsignedProperties></xades:QualifyingProperties>",
        ),
        "without a target": without(r'(?<=<xades:QualifyingProperties) Target="[^"]*"|(?<=") Target="[^"]*"'),
        "with blanks in the value": re.sub("(<ds:SignatureValue>.{10})", "\\1\n ", text, count=1),
        "with a dot in the value": re.sub("(<ds:SignatureValue>.{10})", "\\1.", text, count=1),
        "with an entity in the value": re.sub(
            "(<ds:SignatureValue>)(.)", lambda found: f"{found[1]}&#{ord(found[2])};", text, count=1
        ),
        "without the value": without("<ds:SignatureValue>.*?</ds:SignatureValue>"),
        "with two signatures": put(signature, signature + signature),
        "with the signature first": re.sub(
            r"(<dcc:digitalCalibrationCertificate[^>]*>)", lambda found: found[1] + signature, bare
        ),
        "wrapped": f"<x>{rest}</x>",
        "the signature alone": signature,
        "with a comment": put("</ds:Signature>", "<!-- x --></ds:Signature>"),
        "with a comment at the end": text + "<!-- x -->",
        "with an instruction": put("?>", "?><?x y?>"),
        "with CDATA": put("YJZ-440100", "<![CDATA[YJZ-440100]]>"),
        "with a type": put("?>", "?><!DOCTYPE x>"),
        "with another number": text.replace(made.NUMBER, "YJZ-440100-2026-000009"),
        "with a prefix unknown": put("<dcc:coreData>", "<dcc:coreData evil:x='1'>"),
        "cut off": text[:-20],
    }  # fmt: skip
    return spelled | {name: content.encode() for name, content in changed.items()}


def signed_otherwise(certificate: Certificate) -> dict[str, bytes]:
    """What a trusted signer signed, but not as it should be."""
    plain = sign(certificate, made.SIGNER).xml
    body = plain[: plain.index(b"<ds:Signature ")] + b"</dcc:digitalCalibrationCertificate>"
    assert plain.endswith(b"</dcc:digitalCalibrationCertificate>")
    deep = b"<dcc:comment>" + b"<a>" * 250 + b"</a>" * 250 + b"</dcc:comment></dcc:digitalCalibrationCertificate>"
    end = b"</dcc:digitalCalibrationCertificate>"
    found = {
        "again": sign_xml(body, made.SIGNER, NOW),
        "with a newline at its end": sign_xml(body.replace(end, b"\n" + end), made.SIGNER, NOW),
        "ahead of now": sign_xml(body, made.SIGNER, NOW + timedelta(minutes=5)),
        "in the future": sign_xml(body, made.SIGNER, NOW + timedelta(minutes=5, seconds=1)),
        "before its certificate": sign_xml(body, made.SIGNER, NOW - timedelta(days=3)),
        "by a stranger": sign_xml(body, made.STRANGER, NOW),
        "by a server of timestamps": sign_xml(body, STAMPER, NOW),
        "nested deep": sign_xml(body.replace(end, deep), made.SIGNER, NOW),
    }  # fmt: skip
    nested = found["nested deep"]
    return found | {"nested too deep": nested.replace(b"<a>", b"<a><a>", 9).replace(b"</a>", b"</a></a>", 9)}


def prints(pdf: bytes, unsigned: bytes) -> dict[str, bytes]:
    later = IncrementalPdfFileWriter(io.BytesIO(pdf))
    later.root["/Lang"] = NameObject("/zh")
    later.update_root()
    page = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page.root["/DSS"] = page.add_object(DictionaryObject({NameObject("/Type"): NameObject("/DSS")}))
    page.update_root()
    written = []
    for writer in (later, page):
        out = io.BytesIO()
        writer.write(out)
        written.append(out.getvalue())
    content = re.search(rb"/Contents <([0-9A-F]+)>", pdf)
    assert content is not None
    digits = content[1]
    return {
        "with a newline after": pdf + b"\n",
        "with something after": pdf + b"garbage",
        "with a zero after": pdf + b"\0",
        "with something before": b"\n" + pdf,
        "with an update": written[0],
        "with evidence added": written[1],
        "cut off": pdf[:-1],
        "half": pdf[: len(pdf) // 2],
        "unsigned": unsigned,
        "signed by a stranger": sign_pdf(unsigned, made.STRANGER, NOW),
        "signed in the future": sign_pdf(unsigned, made.SIGNER, NOW + timedelta(hours=1)),
        "signed before its certificate": sign_pdf(unsigned, made.SIGNER, NOW - timedelta(days=3)),
        "with small digits": pdf.replace(digits, digits.lower()),
        "with blanks among the digits": pdf.replace(digits, digits[:-2] + b"  "),
        "with something in the padding": pdf.replace(digits, digits[:-2] + b"01"),
        "nothing": b"%PDF-1.7 nothing",
    }


def test_documents_by_themselves(page: Page, certificate: Callable[..., Certificate]) -> None:
    files = unpack(outside(lambda: made.make(certificate())))
    cases = documents(files["certificate.xml"]) | outside(lambda: signed_otherwise(certificate()))
    assert differences(page, cases) == []
    valid = {n for n, report in zip(cases, in_browser(page, list(cases.values())), strict=True) if report["valid"]}
    assert {"again", "in GB18030", "undeclared", "ahead of now"} <= valid
    assert not {n for n in valid if "number" in n or "evil" in n or "text in the signature" in n or "stranger" in n}


def test_prints_by_themselves(page: Page, certificate: Callable[..., Certificate]) -> None:
    pdf = unpack(outside(lambda: made.make(certificate())))["certificate.pdf"]
    unsigned = pdf[: pdf.index(b"%%EOF") + len(b"%%EOF")]
    cases = outside(lambda: prints(pdf, unsigned))
    assert differences(page, cases) == []
