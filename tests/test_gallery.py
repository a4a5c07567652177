"""The pages of docs/gallery run as they stand: what they print is what they show, and their code makes the pictures.

YJZ_WRITE_GALLERY=1 writes outputs and pictures anew instead of comparing.
"""

import contextlib
import difflib
import io
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

GALLERY = Path(__file__).resolve().parents[1] / "docs" / "gallery"
PAGES = sorted(GALLERY.glob("[0-9][0-9]-*.md"))
WRITE = os.environ.get("YJZ_WRITE_GALLERY") == "1"
# A block of code and, where it prints, the output that follows it.
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n.*?```\n)?", re.DOTALL)
PICTURE = re.compile(r"pictures/[\w-]+\.svg")
LARGEST_PICTURE = 100_000
# Of a coordinate, in points: more than machines differ in, less than an eye sees.
SAME_PLACE = 0.5


def executed(text: str, name: str = "page") -> str:
    """The page with what its blocks print now, run one after the other in one fresh namespace."""
    names: dict[str, object] = {"__name__": name}

    def run(found: re.Match[str]) -> str:
        printed, code = io.StringIO(), found["code"]
        # As many empty lines before it as in the page, so that a traceback names the page's line.
        start = "\n" * text.count("\n", 0, found.start("code"))
        with contextlib.redirect_stdout(printed):
            exec(compile(start + code, name, "exec"), names)  # noqa: S102
        output = printed.getvalue()
        return f"```python\n{code}```\n" + (f"\n```text\n{output}```\n" if output else "")

    return BLOCK.sub(run, text)


def drawing(svg: str) -> tuple[list[str], list[float]]:
    """The texts of a picture, which stand as comments beside their outlines, and its coordinates."""
    texts = re.findall(r"<!-- (.*?) -->", svg)
    places = " ".join(re.findall(r' (?:d|x|y|transform)="([^"]*)"', svg))
    return texts, [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e[-+]?\d+)?", places)]


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder like the gallery, where pages draw; prepared by the code that README.md tells the reader to run."""
    shutil.copytree(GALLERY / "data", tmp_path / "data")
    shutil.copy(GALLERY / "gallery.mplstyle", tmp_path)
    (tmp_path / "pictures").mkdir()
    monkeypatch.chdir(tmp_path)
    plt.switch_backend("Agg")
    with matplotlib.rc_context():
        readme = (GALLERY / "README.md").read_text(encoding="utf-8")
        assert executed(readme, "README.md") == readme
        yield tmp_path
    plt.close("all")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_shows_what_its_code_prints_and_draws(page: Path, workshop: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = executed(text, page.name)
    made = sorted((workshop / "pictures").iterdir())
    if WRITE:
        page.write_text(found, encoding="utf-8")
        for path in made:
            shutil.copy(path, GALLERY / "pictures")
    else:
        diff = difflib.unified_diff(text.splitlines(), found.splitlines(), page.name, "执行所得", lineterm="")
        assert found == text, "\n".join(diff)
    assert made
    assert {f"pictures/{path.name}" for path in made} == set(PICTURE.findall(found))
    for path in made:
        check_picture(path)


def check_picture(path: Path) -> None:
    svg = path.read_text(encoding="utf-8")
    texts, places = drawing(svg)
    kept_texts, kept_places = drawing((GALLERY / "pictures" / path.name).read_text(encoding="utf-8"))
    assert svg.startswith("<?xml")
    assert len(svg.encode()) < LARGEST_PICTURE
    assert "<dc:date>" not in svg
    assert "<text" not in svg
    assert re.search("[一-龥]", "".join(texts))
    assert texts == kept_texts
    np.testing.assert_allclose(places, kept_places, atol=SAME_PLACE)


def test_every_page_and_picture_is_in_the_index_and_nothing_else_lies_about() -> None:
    index = (GALLERY / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\((\d\d-[\w-]+\.md)\)", index) == [page.name for page in PAGES]
    shown = set(PICTURE.findall(index))
    assert shown == {f"pictures/{path.name}" for path in (GALLERY / "pictures").iterdir()}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert f"](pictures/{page.stem}.svg)" in text, page.name
        assert not any("%matplotlib" in line or "plt.show" in line for line in text.splitlines())
    used = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for data in (GALLERY / "data").iterdir():
        assert f"data/{data.name}" in used
        assert data.read_text(encoding="utf-8").startswith("# "), f"{data.name} 的第一行应注明来源"


def test_a_page_that_shows_something_else_is_found() -> None:
    page = "a\n\n```python\nx = 2\nprint(x + 1)\n```\n\n```text\n4\n```\n\n```python\ny = x\n```\nb\n"
    assert executed(page) == page.replace("4\n", "3\n")
    with pytest.raises(NameError):
        executed("```python\nprint(x)\n```\n")


def test_a_moved_point_and_another_text_are_seen() -> None:
    one = '<!-- 长度 --><path d="M 1 2e1 L -3.5 4"/><use x="7" y="8"/>'
    assert drawing(one) == (["长度"], [1.0, 20.0, -3.5, 4.0, 7.0, 8.0])
