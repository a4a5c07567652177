import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.clock.offset import (
    ChainLink,
    alarm,
    filter_by_delay,
    ntp_exchange,
    offset_uncertainty,
    ptp_exchange,
    root_distance,
    traceability_chain,
)

NOW = 1_795_000_000 * 10**9  # a time of day in nanoseconds since 1970: no float64 in seconds holds its microseconds

ways = st.integers(0, 10**9)


@given(st.integers(-(10**9), 10**9), ways, ways, ways)
def test_the_error_is_half_of_what_the_ways_differ(ahead: int, there: int, back: int, served: int) -> None:
    t1 = NOW
    t2 = t1 + there + ahead
    t3 = t2 + served
    t4 = t3 - ahead + back
    exchange = ntp_exchange(t1, t2, t3, t4)
    assert exchange.offset_s == pytest.approx((ahead + (there - back) / 2) * 1e-9, abs=1e-12)
    assert exchange.delay_s == pytest.approx(max((there + back) * 1e-9, 1e-6), abs=1e-15)
    assert abs(exchange.offset_s - ahead * 1e-9) <= exchange.delay_s / 2 + 1e-12


def test_dispersion_of_rfc_5905() -> None:
    exchange = ntp_exchange(0, 0, 0, 2 * 10**9, precision_s=1e-6, remote_precision_s=2e-6)
    assert exchange.dispersion_s == pytest.approx(3e-6 + 15e-6 * 2)
    # max(5 ms, 10 ms + 2 s) / 2 + 20 ms + dispersion + 15e-6 * 64 + 1 ms
    distance = root_distance(exchange, 0.010, 0.020, jitter_s=0.001, age_s=64.0)
    assert distance == pytest.approx(1.005 + 0.020 + 33e-6 + 960e-6 + 0.001)
    assert root_distance(ntp_exchange(0, 0, 0, 0), 0.0, 0.0) == pytest.approx(0.0025 + 2e-6)


def test_ptp_with_corrections() -> None:
    # The slave is 500 ns late; ways of 1000 ns, a switch holds Sync for 300 ns and Delay_Req for 100 ns.
    t1, t3 = NOW, NOW + 10_000
    t2, t4 = t1 + 1300 - 500, t3 + 500 + 1100
    exchange = ptp_exchange(t1, t2, t3, t4, 300, 100)
    assert exchange.offset_s == pytest.approx(500e-9, abs=1e-15)
    assert exchange.delay_s == pytest.approx(2000e-9, abs=1e-15)
    longer = ptp_exchange(t1, t2 + 40, t3, t4 - 40, 300, 100, asymmetry_ns=40)
    assert longer.offset_s == pytest.approx(500e-9, abs=1e-15)


def test_ntp_and_ptp_agree_on_the_same_messages() -> None:
    # PTP's Sync is NTP's reply: t3, t4 there are t1, t2 here, and the request is Delay_Req.
    request_sent, request_got, reply_sent, reply_got = NOW, NOW + 900, NOW + 2000, NOW + 2500
    ntp = ntp_exchange(request_sent, request_got, reply_sent, reply_got)
    ptp = ptp_exchange(reply_sent, reply_got, request_sent, request_got)
    assert ptp.offset_s == pytest.approx(ntp.offset_s, abs=1e-15)


def test_uncertainty_of_an_exchange() -> None:
    exchange = ntp_exchange(0, 0, 0, 6 * 10**6)
    by_hand = np.sqrt((3e-3) ** 2 / 3 + (2e-6 + 15e-6 * 6e-3) ** 2 / 3 + 1e-8)
    assert offset_uncertainty(exchange, jitter_s=1e-4) == pytest.approx(by_hand, rel=1e-12)
    assert offset_uncertainty(exchange, asymmetry=0.1) < offset_uncertainty(exchange)


def test_filter_takes_the_shortest_delay_of_the_window() -> None:
    found = filter_by_delay([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 1.0, 3.0, 3.0, 9.0], window=3)
    assert found.place.tolist() == [0, 1, 1, 1, 3]  # of two equal delays the later
    assert found.offset_s.tolist() == [1, 2, 2, 2, 4]
    assert found.jitter_s == pytest.approx([0, 1, 1, np.sqrt((1 + 4) / 2), 1])


def test_filter_reduces_the_error_of_queues() -> None:
    generator = np.random.default_rng(13)
    queue = generator.exponential(5e-3, (2, 4000))
    found = filter_by_delay((queue[0] - queue[1]) / 2, queue.sum(axis=0) + 0.01)
    assert np.sqrt((found.offset_s**2).mean()) < 0.4 * np.sqrt((((queue[0] - queue[1]) / 2) ** 2).mean())


def test_alarm_counts_the_uncertainty() -> None:
    found = alarm([0.5, -0.8, 1.5, -0.9], [0.2, 0.3, 0.2, 0.1], 1.0)
    assert found.possible.tolist() == [False, True, True, False]
    assert found.certain.tolist() == [False, False, True, False]


def test_chain_adds_offsets_and_variances() -> None:
    chain = traceability_chain(
        [ChainLink("UTC(NIM)", 2e-9, 3e-9), ChainLink("laboratory", -5e-9, 4e-9), ChainLink("server", 1e-6, 12e-9)]
    )
    assert [link.name for link in chain] == ["UTC(NIM)", "laboratory", "server"]
    assert [link.offset_s for link in chain] == pytest.approx([2e-9, -3e-9, 0.997e-6])
    assert [link.u_s for link in chain] == pytest.approx([3e-9, 5e-9, 13e-9])


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: ntp_exchange(0.5, 1, 2, 3), "t1_ns"),
        (lambda: ntp_exchange(0, 1, 2, -1), "t4_ns、t3_ns"),
        (lambda: ntp_exchange([0, 1], [1, 2, 3], 2, 3), "t1_ns、t2_ns、t3_ns、t4_ns"),
        (lambda: ntp_exchange(0, 1, 2, 3, precision_s=0), "precision_s"),
        (lambda: ptp_exchange(0, 1, 2, 3, 10, 10), "t1_ns、t2_ns、t3_ns、t4_ns"),
        (lambda: offset_uncertainty(ntp_exchange(0, 0, 0, 9), asymmetry=2), "asymmetry"),
        (lambda: root_distance(ntp_exchange(0, 0, 0, 9), -1.0, 0.0), "root_delay_s"),
        (lambda: filter_by_delay([1.0], [1.0, 2.0]), "offset_s、delay_s"),
        (lambda: alarm(0.1, 0.0, 1.0), "expanded_uncertainty_s"),
        (lambda: alarm(np.nan, 0.1, 1.0), "offset_s"),
        (lambda: traceability_chain([]), "links"),
        (lambda: traceability_chain([ChainLink("server", 0.0, 0.0)]), "links"),
    ],
)
def test_bad_input_is_named(call, argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        call()
    assert refused.value.argument == argument
