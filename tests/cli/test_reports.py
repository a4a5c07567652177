"""Pictures and PDF reports of the commands of the science."""

from pathlib import Path

import pikepdf
import pypdfium2
import pytest

import yuejingzhun
from command_line import END_GAUGE, GAS, PCB105, WEIGHTS, text_of, yjz

COMMANDS = {
    "budget": (
        END_GAUGE,
        (),
        ("测量不确定度评定报告", "l=838nm，U=92nm（k=2.92）", "215，u=9.68194，自由度25.4", "JJF1059.1"),
    ),
    "compare": (PCB105, (), ("比对结果报告", "参考值10.555832", "10.210.381", "|En|>1的1个：F", "Cox2002")),
    "prepackage": (
        WEIGHTS,
        ("--nominal", "500", "--lot", 40),
        ("净含量检验报告", "该批商品净含量合格", "498.1-1.9", "JJF1070-2023", "允许短缺量T=15.0"),
    ),
    "gas": (GAS, (), ("天然气发热量计算报告", "37.731MJ/m³", "丙烷0.0153680.000148", "GB/T11062-2020", "燃烧20°C")),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_report_for_people(command: str, given: Path, tmp_path: Path) -> None:
    content, options, texts = COMMANDS[command]
    given.write_text(content)
    pdf = tmp_path / "new" / "report.PDF"
    result = yjz(command, given, *options, "--pdf", pdf)
    assert result.exit_code == 0, result.output
    found = text_of(pdf)
    for text in (*texts, "given.csv", f"yuejingzhun{yuejingzhun.__version__}", "（Asia/Shanghai", "第1页共"):
        assert text in found
    with pikepdf.open(pdf) as document:
        fonts = [font for page in document.pages for font in page.resources.Font.values()]
        assert all("/FontFile3" in font.DescendantFonts[0].FontDescriptor for font in fonts)
        assert any("NotoSerifCJKsc" in str(font.BaseFont) for font in fonts)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("ending", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_every_command_draws(command: str, ending: str, begins: bytes, given: Path, tmp_path: Path) -> None:
    content, options, _ = COMMANDS[command]
    given.write_text(content)
    assert yjz(command, given, *options, "--plot", tmp_path / f"d.{ending}", "--json").exit_code == 0
    assert (tmp_path / f"d.{ending}").read_bytes().startswith(begins)


@pytest.mark.parametrize("command", COMMANDS)
def test_files_that_can_not_be_written(command: str, given: Path, tmp_path: Path) -> None:
    content, options, _ = COMMANDS[command]
    given.write_text(content)
    for out, found in (
        (("--pdf", "a.txt"), "--pdf a.txt：报告的文件名应以 .pdf 结尾"),
        (("--plot", "a.gif"), "--plot a.gif：图的文件名应以 .svg、.png、.pdf 结尾"),
        (("--pdf", given / "a.pdf"), "无法写入"),
        (("--plot", given / "a.svg"), "无法写入"),
        (("--pdf", tmp_path / "a.pdf", "--plot", tmp_path / "a.pdf"), "不应是同一个文件"),
    ):
        result = yjz(command, given, *options, *out)
        assert (result.exit_code, found in result.output) == (2, True), result.output
    assert [path.name for path in tmp_path.iterdir()] == ["given.csv"], "nothing half made is left"


def test_long_tables_and_names(given: Path, tmp_path: Path) -> None:
    name = "Provincial" * 12 + "（某某市质量监督检验与计量检定测试研究院）"
    given.write_text("lab,value,u\n" + "".join(f"{name}{i},{10 + 0.1 * (i % 3)},0.2\n" for i in range(60)))
    assert yjz("compare", given, "--pdf", tmp_path / "r.pdf").exit_code == 0
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(tmp_path / "r.pdf")]
    assert len(pages) > 5
    assert sum("U(d)（k=2）" in page for page in pages) > 2, "the heading is repeated"
    assert f"{name}59" in text_of(tmp_path / "r.pdf")


def test_what_no_font_has_is_named(given: Path, tmp_path: Path) -> None:
    given.write_text("lab,value,u\nA,1,0.1\n🙂,1.1,0.1\n$B$_{,1,0.1\n")
    for option, where in (("--pdf", "r.pdf"), ("--plot", "r.svg")):
        refused = yjz("compare", given, option, tmp_path / where)
        assert (refused.exit_code, "“🙂”中的字 '🙂'（U+1F642）" in refused.output) == (2, True), refused.output
    given.write_text(given.read_text().replace("🙂", "甲⁻¹"))
    assert yjz("compare", given, "--pdf", tmp_path / "r.pdf").exit_code == 0
    assert "$B$_{" in text_of(tmp_path / "r.pdf")


def test_a_lot_that_fails_has_its_report(given: Path, tmp_path: Path) -> None:
    given.write_text(WEIGHTS.replace("502.0", "480.0").replace("501.2", "460.0"))
    result = yjz("prepackage", given, "--nominal", "500", "--lot", 40, "--pdf", tmp_path / "r.pdf")
    assert result.exit_code == 1
    for text in ("该批商品净含量不合格", "480.0-20.0大于T", "460.0-40.0大于2T"):
        assert text in text_of(tmp_path / "r.pdf")
