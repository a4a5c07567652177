"""The command `yjz`. Exit status: 0 valid or done, 1 not valid, 2 unusable input."""

import click

import yuejingzhun
from yuejingzhun.cli.anchoring import chain
from yuejingzhun.cli.auditing import audit_log
from yuejingzhun.cli.budgets import budget
from yuejingzhun.cli.comparing import compare
from yuejingzhun.cli.drawing import draw
from yuejingzhun.cli.fleet import fleet
from yuejingzhun.cli.gas import gas
from yuejingzhun.cli.keys import import_key
from yuejingzhun.cli.prepackages import prepackage
from yuejingzhun.cli.readings import readings
from yuejingzhun.cli.records import evaluate_record, issue, sample
from yuejingzhun.cli.serving import demo, serve, worker
from yuejingzhun.cli.showing import show
from yuejingzhun.cli.verifying import verify
from yuejingzhun.cli.witnessing import witness


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(yuejingzhun.__version__, message="粤精准 %(version)s")
def main() -> None:
    """粤精准：从原始记录到任何人都能查验的证书。"""


for command in (
    *(demo, serve, worker, evaluate_record, issue, verify, show, sample, import_key),
    *(witness, audit_log, chain, draw),
    *(budget, compare, prepackage, gas, readings, fleet),
):
    main.add_command(command)
