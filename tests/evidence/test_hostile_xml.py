"""Each hostile file is refused within a second and 200 MB, and without asking anyone for anything."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hostile_xml import variants
from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.bundle import verify_file
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.signature import SignatureError, sign_xml, verify_xml

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
ROOT = create_authority("演示根证书", AT - timedelta(days=30))
SIGNER = issue_signer(ROOT, "演示市计量检定所", AT - timedelta(days=1))
STRANGER = issue_signer(create_authority("演示根证书", AT - timedelta(days=30)), "演示市计量检定所", AT)
MEGABYTES = 80  # above what the program has before, about 110: together below 200


@pytest.fixture
def files(certificate: Callable[..., Certificate]) -> dict[str, bytes]:
    content = compose(certificate())
    signed = sign_xml(content, SIGNER, AT)
    verify_xml(signed, [ROOT.certificate], AT)
    return variants(signed, sign_xml(compose(certificate(seed=2)), SIGNER, AT), sign_xml(content, STRANGER, AT))


def test_there_are_enough_of_them(files: dict[str, bytes]) -> None:
    assert len(files) >= 60


def test_each_is_refused_and_nothing_is_asked_of_anyone(files: dict[str, bytes]) -> None:
    """In a process of its own each, whose sockets are watched and whose memory is measured."""
    wrong = []
    for name, data in files.items():
        refused, seconds, megabytes, asked = in_a_process(data)
        if not refused or seconds >= 1 or megabytes >= MEGABYTES or asked:
            wrong.append(f"{name}: refused {refused}, {seconds:.2f} s, {megabytes:.0f} MB, {asked}")
    assert not wrong


def test_a_refusal_names_the_failing_check_in_chinese(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        report = verify_file(data, [ROOT.certificate], AT)
        assert not report.valid, name
        with pytest.raises(SignatureError) as refusal:
            verify_xml(data, [ROOT.certificate], AT)
        assert any("一" <= character <= "鿿" for character in str(refusal.value)), name


def in_a_process(data: bytes) -> tuple[bool, float, float, list[str]]:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, json.dumps(_judge(data)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        found = answer.read()
    os.waitpid(child, 0)
    assert found, "the process died"
    refused, seconds, megabytes, asked = json.loads(found)
    return refused, seconds, megabytes, asked


def _judge(data: bytes) -> tuple[bool, float, float, list[str]]:
    asked: list[str] = []
    sys.addaudithook(lambda event, arguments: asked.append(event) if event.startswith("socket.") else None)
    before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    began = time.perf_counter()
    try:
        verify_xml(data, [ROOT.certificate], AT)
        refused = False
    except SignatureError:
        refused = True
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return refused, seconds, (peak - before) / 2**20, asked
