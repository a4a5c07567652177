"""Offset monitoring of clocks synchronised over a network: NTP (RFC 5905) and PTP (IEEE 1588) exchanges.

Timestamps are whole nanoseconds of any epoch: in floating-point seconds since 1970 a microsecond is lost in the
last digits. Differences are exact, results are seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, matching, not_negative, positive, whole

FREQUENCY_TOLERANCE = 15e-6  # PHI of RFC 5905 section 7.1: how fast an undisciplined clock may run away
_NS = 1e-9


@dataclass(frozen=True, slots=True)
class Exchange:
    """Results of message exchanges, in seconds, of the timestamps' shape.

    `offset_s` is the remote clock minus the local one, wrong by at most `delay_s` / 2 if only the ways differ;
    `dispersion_s` bounds what reading and drifting add (RFC 5905 section 8).
    """

    offset_s: Floats
    delay_s: Floats
    dispersion_s: Floats


def ntp_exchange(
    t1_ns: ArrayLike,
    t2_ns: ArrayLike,
    t3_ns: ArrayLike,
    t4_ns: ArrayLike,
    precision_s: float = 1e-6,
    remote_precision_s: float = 1e-6,
) -> Exchange:
    """Offset and round-trip delay from sent (local), received, sent (remote) and received (local) timestamps.

    theta = ((t2 - t1) + (t3 - t4)) / 2, delta = (t4 - t1) - (t3 - t2), not below the local precision; dispersion =
    both precisions + 15e-6 (t4 - t1) (RFC 5905 section 8). Raises ArgumentError for timestamps that aren't whole or
    where t4 is before t1 or t3 before t2.
    """
    t1, t2, t3, t4 = _stamps(t1_ns=t1_ns, t2_ns=t2_ns, t3_ns=t3_ns, t4_ns=t4_ns)
    if np.any(t4 < t1) or np.any(t3 < t2):
        raise ArgumentError("t4_ns、t3_ns", "接收早于发送（t4 < t1 或 t3 < t2），时钟在交换中被调整过")
    local = float(positive("precision_s", precision_s))
    remote = float(positive("remote_precision_s", remote_precision_s))
    offset = ((t2 - t1) + (t3 - t4)) * (_NS / 2)
    delay = np.maximum(((t4 - t1) - (t3 - t2)) * _NS, local)
    dispersion: Floats = np.asarray(local + remote + FREQUENCY_TOLERANCE * (t4 - t1) * _NS)
    return Exchange(offset[()], delay[()], dispersion[()])


def ptp_exchange(
    t1_ns: ArrayLike,
    t2_ns: ArrayLike,
    t3_ns: ArrayLike,
    t4_ns: ArrayLike,
    sync_correction_ns: ArrayLike = 0.0,
    delay_correction_ns: ArrayLike = 0.0,
    asymmetry_ns: ArrayLike = 0.0,
    timestamp_error_s: float = 1e-8,
) -> Exchange:
    """As `ntp_exchange` for PTP's delay request mechanism (IEEE 1588-2019 11.3): master minus local clock.

    Sync leaves the master at t1 and arrives here at t2; Delay_Req leaves here at t3 and arrives there at t4. The
    corrections are the correction fields of Sync (with Follow_Up) and Delay_Resp, `asymmetry_ns` is how much longer
    than the mean the way from the master is. Raises ArgumentError for a round trip below zero.
    """
    t1, t2, t3, t4 = _stamps(t1_ns=t1_ns, t2_ns=t2_ns, t3_ns=t3_ns, t4_ns=t4_ns)
    error = float(positive("timestamp_error_s", timestamp_error_s))
    down = (t2 - t1) - finite("sync_correction_ns", sync_correction_ns)
    up = (t4 - t3) - finite("delay_correction_ns", delay_correction_ns)
    if np.any(down + up < 0):
        raise ArgumentError("t1_ns、t2_ns、t3_ns、t4_ns", "往返时延为负，时间戳或修正域有误")
    offset = finite("asymmetry_ns", asymmetry_ns) - (down - up) / 2
    dispersion = 2 * error + FREQUENCY_TOLERANCE * np.abs(t3 - t2) * _NS
    return Exchange((offset * _NS)[()], ((down + up) * _NS)[()], dispersion[()])


def offset_uncertainty(exchange: Exchange, asymmetry: float = 1.0, jitter_s: ArrayLike = 0.0) -> Floats:
    """Standard uncertainty of the offset in seconds.

    Rectangular over +- `asymmetry` delay / 2 (1: the whole delay may lie on one way; JCGM 100:2008 4.3.7) and over
    +- the dispersion, and the jitter. Raises ArgumentError for an asymmetry outside of 0 to 1 or a negative jitter.
    """
    share = float(not_negative("asymmetry", asymmetry))
    if share > 1:
        raise ArgumentError("asymmetry", f"不应大于 1，为 {share:g}")
    ways = (share * exchange.delay_s / 2) ** 2 / 3
    u = np.sqrt(ways + exchange.dispersion_s**2 / 3 + not_negative("jitter_s", jitter_s) ** 2)
    return np.asarray(u)[()]


def root_distance(
    exchange: Exchange,
    root_delay_s: ArrayLike,
    root_dispersion_s: ArrayLike,
    jitter_s: ArrayLike = 0.0,
    age_s: ArrayLike = 0.0,
    least_delay_s: float = 0.005,
) -> Floats:
    """Bound of the error against the reference clock at the root, seconds (RFC 5905 11.2.1 and A.5.5.2).

    max(least delay, root delay + delay) / 2 + root dispersion + dispersion + 15e-6 age + jitter; the delays and
    dispersions of the root are those of the server's packet. Raises ArgumentError for a negative one.
    """
    least = not_negative("least_delay_s", least_delay_s)
    delay = np.maximum(least, not_negative("root_delay_s", root_delay_s) + exchange.delay_s)
    dispersion = not_negative("root_dispersion_s", root_dispersion_s) + exchange.dispersion_s
    aged = dispersion + FREQUENCY_TOLERANCE * not_negative("age_s", age_s) + not_negative("jitter_s", jitter_s)
    return np.asarray(delay / 2 + aged)[()]


@dataclass(frozen=True, slots=True)
class Filtered:
    """For each epoch the exchange of least delay among the last ones: its place, offset, delay, and the jitter."""

    place: NDArray[np.int64]
    offset_s: Floats
    delay_s: Floats
    jitter_s: Floats


def filter_by_delay(offset_s: ArrayLike, delay_s: ArrayLike, window: int = 8) -> Filtered:
    """The clock filter (RFC 5905 section 10): a short way has waited in no queue, so its offset is the best.

    Both of shape (epochs,); the earlier of two equal delays gives way to the later. The jitter is the root mean
    square of the window's offsets about the chosen one, 0 for a single one. Raises ArgumentError for other shapes.
    """
    x, delay = finite("offset_s", offset_s), not_negative("delay_s", delay_s)
    if x.ndim != 1 or x.shape != delay.shape or not len(x):
        raise ArgumentError("offset_s、delay_s", f"应为等长的一维数列：{x.shape}、{delay.shape}")
    size = whole("window", window, 1)
    last = np.arange(len(x))[:, None] - np.arange(size)  # newest first, so that argmin takes it of equal ones
    there = last >= 0
    place = last[np.arange(len(x)), np.argmin(np.where(there, delay[last], np.inf), axis=1)]
    count = there.sum(axis=1)
    squares = (np.where(there, x[last] - x[place][:, None], 0.0) ** 2).sum(axis=1)
    jitter = np.sqrt(squares / np.maximum(count - 1, 1))
    return Filtered(place.astype(np.int64), x[place], delay[place], jitter)


@dataclass(frozen=True, slots=True)
class Alarm:
    """`possible`: |offset| + U exceeds the limit, conformity isn't shown. `certain`: even |offset| - U exceeds it."""

    possible: NDArray[np.bool_]
    certain: NDArray[np.bool_]


def alarm(offset_s: ArrayLike, expanded_uncertainty_s: ArrayLike, limit_s: ArrayLike) -> Alarm:
    """Alarm of clocks by offset, expanded uncertainty U and limit in seconds, which broadcast (JCGM 106:2012 8.3.2).

    Raises ArgumentError for a U or limit that isn't positive, or shapes that don't match.
    """
    x, u, limit = matching(
        offset_s=np.abs(finite("offset_s", offset_s)),
        expanded_uncertainty_s=positive("expanded_uncertainty_s", expanded_uncertainty_s),
        limit_s=positive("limit_s", limit_s),
    )
    return Alarm(np.asarray(x + u > limit), np.asarray(x - u > limit))


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One comparison of a chain: a clock minus the one above it, in seconds, with standard uncertainty."""

    name: str
    offset_s: float
    u_s: float


def traceability_chain(links: Sequence[ChainLink]) -> tuple[ChainLink, ...]:
    """Offset of each clock from the first reference (UTC), and its uncertainty: links add, from the top down.

    The comparisons are independent. Raises ArgumentError without a link, or where one has no uncertainty above
    zero: it would not be traceable (JCGM 200:2012 2.41).
    """
    if not links:
        raise ArgumentError("links", "溯源链至少有一环")
    offsets = finite("links", [link.offset_s for link in links])
    spreads = positive("links", [link.u_s for link in links])
    total, u = np.cumsum(offsets), np.sqrt(np.cumsum(spreads**2))
    return tuple(ChainLink(link.name, float(x), float(s)) for link, x, s in zip(links, total, u, strict=True))


def _stamps(**stamps: ArrayLike) -> tuple[NDArray[np.int64], ...]:
    arrays = []
    for name, stamp in stamps.items():
        array = np.asarray(stamp)
        if array.dtype.kind not in "iu":
            raise ArgumentError(name, f"时间戳应为整数纳秒，类型为 {array.dtype}")
        arrays.append(array.astype(np.int64))
    try:
        return tuple(np.broadcast_arrays(*arrays))
    except ValueError as error:
        raise ArgumentError("、".join(stamps), "形状不一致：" + "、".join(str(a.shape) for a in arrays)) from error
