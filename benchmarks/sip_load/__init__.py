"""The load that `benchmarks/sip.py` puts on a switch, and what it measures by it.

Theory of operation: the switch under test is a process of its own (`child`), so that the processor
time and memory that `/proc` shows for it are the switch's and nothing else's. The peers are SIPp
where many calls are wanted, and a small SIP endpoint with kernel time stamps (`wire`) where
milliseconds are. Sound is received, and sent, by `softswitch.testing.peers`. All is on loopback.
"""
