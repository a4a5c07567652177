"""The guide quotes the file that it explains, word for word."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "add-a-regulation.md").read_text(encoding="utf-8")
SOURCES = [
    (ROOT / "src" / "yuejingzhun" / "procedures" / name).read_text(encoding="utf-8")
    for name in ("jjg_1036_electronic_balance.py", "weighing.py")
]


def test_every_quotation_is_in_the_source() -> None:
    quotations = re.findall(r"```(?:python|text)\n(.*?)```", GUIDE, re.DOTALL)
    assert len(quotations) == 5
    for quotation in quotations:
        assert any(quotation in source for source in SOURCES)


def test_every_file_that_it_names_exists() -> None:
    links = re.findall(r"\]\(([^)]+)\)", GUIDE)
    assert links
    assert all((ROOT / "docs" / link).resolve().exists() for link in links)
