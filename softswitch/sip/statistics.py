"""Reading what PJSIP counted about the sound of a call.

What SWIG hands out points into the object that it was read from, so that object is kept in a name.
"""

from __future__ import annotations

from softswitch.sip.native import pj
from softswitch.sip.quality import mean_opinion_score
from softswitch.telephony import LegStatistics


def read_statistics(native: pj.Call) -> LegStatistics | None:
    """Return the counts of a call's audio stream, or None when there is no stream any more."""
    try:
        statistics = native.getStreamStat(0)
        stream = native.getStreamInfo(0)
    except pj.Error:
        return None
    counts = statistics.rtcp
    received, lost = counts.rxStat.pkt, counts.rxStat.loss
    expected = received + lost
    round_trip_ms = counts.rttUsec.mean / 1000.0 if counts.rttUsec.n else None
    return LegStatistics(
        codec=f"{stream.codecName}/{stream.codecClockRate}",
        sent_packets=counts.txStat.pkt,
        received_packets=received,
        lost_packets=lost,
        jitter_ms=counts.rxStat.jitterUsec.mean / 1000.0,
        round_trip_ms=round_trip_ms,
        mos=mean_opinion_score(
            codec=stream.codecName,
            loss_ratio=lost / expected if expected else 0.0,
            one_way_delay_ms=(round_trip_ms or 0.0) / 2.0,
        ),
    )


def packets_heard(native: pj.Call) -> int:
    """Count the signs of life of a phone: RTP and RTCP packets received from it."""
    try:
        statistics = native.getStreamStat(0)
    except pj.Error:
        return 0
    return statistics.rtcp.rxStat.pkt + statistics.rtcp.txStat.updateCount
