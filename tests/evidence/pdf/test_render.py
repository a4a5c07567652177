import io
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yuejingzhun.evidence.certificate import Certificate, CertificateKind
from yuejingzhun.evidence.pdf.attachment import PdfError, attachment
from yuejingzhun.evidence.pdf.glyphs import MissingGlyphError
from yuejingzhun.evidence.pdf.render import render
from yuejingzhun.procedures.catalogue import procedures

DCC = "<?xml version='1.0' encoding='UTF-8'?><dcc>数字证书</dcc>".encode()
Make = Callable[..., Certificate]


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = "".join(page.get_textpage().get_text_bounded() for page in document)
    return "".join(pages.split())


@pytest.mark.parametrize("passing", [True, False])
@pytest.mark.parametrize("code", procedures())
def test_every_regulation_prints_with_all_that_must_stand_on_it(code: str, passing: bool, certificate: Make) -> None:
    made = certificate(code, passing)
    text = text_of(render(made, DCC))
    item, evaluation = made.record.item, made.evaluation
    expected = [made.number, made.kind.value, item.name, item.model, item.serial, item.maker, made.holder.name, code]
    expected += [made.institute.name, made.standard.number, "检定员甲", "核验员乙", "批准人丙", "第1页共"]
    expected += [result.point.label for result in evaluation.points] + list(evaluation.reasons)
    for words in expected:
        assert "".join(words.split()) in text, words
    assert ("Validuntil" in text) == passing
    if evaluation.valid_until:
        until = evaluation.valid_until
        assert f"{until.year}年{until.month}月{until.day}日" in text


def test_it_claims_pdf_a_3b_and_carries_the_dcc_as_its_source(certificate: Make) -> None:
    pdf = render(certificate(), DCC)
    assert attachment(pdf) == DCC
    with pikepdf.open(io.BytesIO(pdf)) as document:
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        (file,) = document.Root.AF
        assert file.AFRelationship == "/Source"
        fonts = {str(font.BaseFont) for page in document.pages for font in page.Resources.Font.values()}
    assert all("Noto" in font for font in fonts)


def test_the_qr_code_leads_to_the_look_up(certificate: Make) -> None:
    made = certificate()
    image = pypdfium2.PdfDocument(render(made, DCC))[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(image)
    assert code.text == made.lookup_url


def test_same_content_same_bytes(certificate: Make) -> None:
    assert render(certificate(), DCC) == render(certificate(), DCC)


@pytest.mark.parametrize(
    "hostile", ["#set page(width: 1cm)", "$x^2$ *b* _i_ @ref <label>", "\\ \" ' ` #{1+1}", "= 标题 //"]
)
def test_what_was_typed_is_never_markup(hostile: str, certificate: Make) -> None:
    made = certificate()
    changed = replace(made, record=replace(made.record, item=replace(made.record.item, maker=hostile)))
    pdf = render(changed, DCC)
    assert "".join(hostile.split()) in text_of(pdf)
    assert len(pypdfium2.PdfDocument(pdf)) == 2


def test_very_long_names_wrap_and_stay_on_the_page(certificate: Make) -> None:
    made = certificate()
    name = "演示市计量检定所与广东省演示计量科学研究院联合设立的电能计量器具检定中心" * 4
    long = replace(made, holder=replace(made.holder, name=name), institute=replace(made.institute, name=name))
    assert text_of(render(long, DCC)).count(name) >= 2


def test_rare_characters_are_printed_and_unprintable_ones_named(certificate: Make) -> None:
    made = certificate()

    def held_by(name: str) -> Certificate:
        return replace(made, holder=replace(made.holder, name=name))

    assert "㙦䶮𠮷" in text_of(render(held_by("㙦䶮𠮷"), DCC))
    with pytest.raises(MissingGlyphError, match=r"U\+1F600"):
        render(held_by("笑😀"), DCC)


def test_a_calibration_certificate_has_its_own_title_and_no_validity(certificate: Make) -> None:
    text = text_of(render(replace(certificate(), kind=CertificateKind.CALIBRATION), DCC))
    assert "校准证书" in text
    assert "2034年" not in text


def test_other_pdfs_are_refused(certificate: Make) -> None:
    empty = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(empty)
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(render(certificate(), DCC))) as document:
        document.save(locked, encryption=pikepdf.Encryption(user="a", owner="b"))
    for pdf, reason in (
        (b"", "不是可读"),
        (b"%PDF-1.7", "不是可读"),
        (empty.getvalue(), "0 个"),
        (locked.getvalue(), "密码"),
    ):
        with pytest.raises(PdfError, match=reason):
            attachment(pdf)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.filterwarnings("ignore")
def test_broken_pdfs_give_the_attachment_or_our_error(certificate: Make, data: st.DataObject) -> None:
    pdf = bytearray(render(certificate(), DCC))
    for _ in range(data.draw(st.integers(1, 5))):
        pdf[data.draw(st.integers(0, len(pdf) - 1))] = data.draw(st.integers(0, 255))
    del pdf[data.draw(st.integers(len(pdf) // 2, len(pdf))) :]
    try:
        attachment(bytes(pdf))
    except PdfError as error:
        assert any("一" <= character <= "鿿" for character in str(error))
