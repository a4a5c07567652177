import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.procedures.catalogue import procedure, procedures
from yuejingzhun.procedures.record import RecordError
from yuejingzhun.procedures.record_json import (
    record_from_json,
    record_to_json,
    standard_from_json,
    standard_to_json,
)

METER = procedure("JJG 596-2012")


@pytest.mark.parametrize("code", procedures())
def test_every_digit_comes_back(code: str, sample) -> None:
    record, standard = sample(code)
    again = record_from_json(procedure(code), json.loads(json.dumps(record_to_json(record))))
    assert again == record
    assert str(again.readings) == str(record.readings)  # 1.0 and 1.00 are equal, but not the same reading
    assert standard_from_json(standard_to_json(standard)) == standard


def test_every_malformed_part_is_named(sample) -> None:
    record, _ = sample(METER.code)
    content = record_to_json(record)
    content["kind"] = "YEARLY"
    content["tested_on"] = "24.11.2026"
    content["environment"] = {"temperature_c": 0.1}
    content["parameters"]["basic_current_a"] = "five"
    content["readings"]["basic_error"]["1Ib-1.0"] = "0.1"
    with pytest.raises(RecordError) as caught:
        record_from_json(METER, content)
    assert {problem.path for problem in caught.value.problems} == {
        ("kind",),
        ("tested_on",),
        ("environment", "temperature_c"),
        ("parameters", "basic_current_a"),
        ("readings", "basic_error", "1Ib-1.0"),
    }


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
KEYS = ["regulation", "kind", "item", "parameters", "environment", "readings", "checks", "tested_on"]


@given(ANYTHING | st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, ANYTHING)))
def test_any_json_gives_a_record_or_our_error(content: object) -> None:
    with pytest.raises(RecordError):
        record_from_json(METER, content)
