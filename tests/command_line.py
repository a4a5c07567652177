"""What the tests of the command line share: running it, files to give it, and reading its reports."""

import re
from pathlib import Path

import pypdfium2
from click.testing import CliRunner, Result

from yuejingzhun.cli import main

# CCQM-K25, PCB 105 (metRology's data set), with letters for the laboratories; DL, PM and REML as in its reference case.
PCB105 = (
    "lab,value,u\nA,10.21,0.381\nB,10.9,0.25\nC,10.94,0.13\nD,10.58,0.41\nE,10.81,0.445\nF,9.62,0.196\nG,10.8,0.093\n"
)
# JCGM 100:2008 H.1, the end gauge; u = 31.66 nm, with second-order terms 33.81 nm, k(99 %) = 2.92.
END_GAUGE = """
quantity = "l"
unit = "nm"
probability = 0.99
model = "ls + d - ls * (da * th + a * dth) - 5e7"
input = [
  {name = "ls", value = 50000623, u = 25, dof = 18},
  {name = "d", value = 215, u = 9.681942, dof = 25.4473},
  {name = "a", value = 11.5e-6, half_width = 2e-6},
  {name = "th", value = -0.1, u = 0.406202},
  {name = "da", value = 0, half_width = 1e-6, dof = 50},
  {name = "dth", value = 0, half_width = 0.05, dof = 2},
]
"""
# JCGM 100:2008 H.2, the resistance alone, from the raw readings.
RESISTANCE = """
quantity = "R"
unit = "Ω"
model = "V / I * cos(φ)"
input = [
  {name = "V", readings = [5.007, 4.994, 5.005, 4.990, 4.999]},
  {name = "I", readings = [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3]},
  {name = "φ", readings = [1.0456, 1.0438, 1.0468, 1.0428, 1.0433]},
]
correlation = [
  {between = ["V", "I"], r = -0.355311},
  {between = ["V", "φ"], r = 0.857624},
  {between = ["I", "φ"], r = -0.645111},
]
"""
# ISO 6976:2016 Annex D, example 1.
GAS = """component,fraction,u
methane,0.933212,0.000346
ethane,0.025656,0.000243
丙烷,0.015368,0.000148
N2,0.010350,0.000195
carbon dioxide,0.015414,0.000111
"""
# JCGM 101:2008 9.5, the same gauge block as the Monte Carlo method sees it: each input with its own distribution.
GAUGE_BLOCK = """
quantity = "δL"
unit = "nm"
probability = 0.99
model = "Ls + D + d1 + d2 - Ls * (δα * (θ0 + Δ) + αs * δθ) - 50000000"
input = [
  {name = "Ls", value = 50000623, u = 25, dof = 18},
  {name = "D", value = 215, u = 6, dof = 24},
  {name = "d1", value = 0, u = 4, dof = 5},
  {name = "d2", value = 0, u = 7, dof = 8},
  {name = "αs", value = 11.5e-6, half_width = 2e-6},
  {name = "θ0", value = -0.1, u = 0.2},
  {name = "Δ", value = 0, half_width = 0.5, distribution = "arcsine"},
  {name = "δα", value = 0, half_width = 1e-6, dof = 50},
  {name = "δθ", value = 0, half_width = 0.05, dof = 2},
]
"""
WEIGHTS = "net\n" + "\n".join(f"{500 + n / 10}" for n in (-19, 12, 3, -10, 20, 5, -5, 10, 0, -13)) + "\n"


def yjz(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def text_of(pdf: Path) -> str:
    """What a reader can copy, without the ends of lines."""
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
    return re.sub(r"[\s\u200b]", "", "".join(pages))


def sum_of(*inputs: str, more: str = "") -> str:
    """A budget of the sum of inputs named a, b, c, ..."""
    names = "abcdefgh"[: len(inputs)]
    rows = ",".join(f'{{name = "{name}", {text}}}' for name, text in zip(names, inputs, strict=True))
    return f'model = "{" + ".join(names)}"\ninput = [{rows}]\n{more}'
