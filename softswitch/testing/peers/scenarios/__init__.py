"""SIPp scenarios (XML with ``{{name=default}}`` places; see softswitch.testing.peers.scenario)."""
