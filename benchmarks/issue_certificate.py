"""One certificate without its PDF: what evaluating, composing and signing cost, and how many a second one core makes.

Run: python benchmarks/issue_certificate.py
"""

import platform
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np

from yuejingzhun.demo import offline
from yuejingzhun.evidence.certificate import Certificate, CertificateKind
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.entry import encode, entry_for, sign_entry
from yuejingzhun.evidence.signature import sign_xml
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.procedure import Procedure
from yuejingzhun.procedures.sample import sample_record

REPEATS, ROUNDS = 60, 7
AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def main() -> None:
    """Print the steps for each regulation, and the ratio of all but the XAdES signature to it."""
    signer = offline.demonstration_signer(AT).identity
    print(f"{platform.machine()}, Python {platform.python_version()}, one core; milliseconds")
    heads = ("evaluate", "compose", "entry", "XAdES")
    print(f"{'regulation':16}{''.join(f'{head:>10}' for head in heads)}{'others/XAdES':>14}{'a second':>10}")
    worst = 0.0
    for declared in procedures().values():
        steps = _steps(declared, signer)
        times = {name: _best(step) * 1e3 for name, step in steps.items()}
        others = sum(times.values()) - times["XAdES"]
        worst = max(worst, others / times["XAdES"])
        row = "".join(f"{value:10.3f}" for value in times.values())
        print(f"{declared.code:16}{row}{others / times['XAdES']:14.2f}{1e3 / sum(times.values()):10.0f}")
    print(f"worst ratio {worst:.2f} (claim: at most 2)")


def _steps(declared: Procedure, signer: offline.SigningIdentity) -> dict[str, Callable[[], object]]:
    record, standard = sample_record(
        declared, passing=True, generator=np.random.default_rng(1), tested_on=date(2026, 11, 24)
    )
    content = Certificate(
        number="YJZ-440100-2026-000001",
        kind=CertificateKind.VERIFICATION,
        institute=offline.INSTITUTE,
        authorisation="演示",
        holder=offline.HOLDER,
        place="演示实验室",
        record=record,
        standard=standard,
        evaluation=evaluate(declared, record, standard),
        signatories=offline.SIGNATORIES,
        received_on=record.tested_on,
        issued_at=AT,
        lookup_url="http://127.0.0.1:8000/c/YJZ-440100-2026-000001",
    )
    composed = compose(content)
    signed = sign_xml(composed, signer, AT)

    def entry() -> bytes:
        return sign_entry(encode(entry_for(content.number, AT, {"certificate.xml": signed})), signer)

    return {
        "evaluate": lambda: evaluate(declared, record, standard),
        "compose": lambda: compose(content),
        "entry": entry,
        "XAdES": lambda: sign_xml(composed, signer, AT),
    }


def _best(step: Callable[[], object]) -> float:
    shortest = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(REPEATS):
            step()
        shortest = min(shortest, (time.perf_counter() - start) / REPEATS)
    return shortest


if __name__ == "__main__":
    main()
