"""The guide quotes the file that it explains, word for word."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "add-a-regulation.md").read_text(encoding="utf-8")
SOURCE = (ROOT / "src/yuejingzhun/procedures/jjg_1036_electronic_balance.py").read_text(encoding="utf-8")


def test_every_quotation_is_in_the_source() -> None:
    quotations = re.findall(r"```(?:python|text)\n(.*?)```", GUIDE, re.DOTALL)
    assert len(quotations) == 6
    for quotation in quotations:
        assert quotation in SOURCE


def test_every_file_that_it_names_exists() -> None:
    links = re.findall(r"\]\(([^)]+)\)", GUIDE)
    assert links
    assert all((ROOT / "docs" / link).resolve().exists() for link in links)
