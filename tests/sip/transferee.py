"""A SIPp scenario: a phone that is called, and is then asked to call somebody else."""

_REPLY = """
    [last_Via:]
    [last_From:]
    [last_To:]
    [last_Call-ID:]
    [last_CSeq:]
    Contact: <sip:[service]@[local_ip]:[local_port];transport=[transport]>
    Content-Length: 0
"""

TRANSFEREE = f"""<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="called, then asked to transfer itself">
  <recv request="INVITE" rrs="true"/>
  <send retrans="500"><![CDATA[
    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:];tag=[pid]s[call_number]
    [last_Call-ID:]
    [last_CSeq:]
    Contact: <sip:[service]@[local_ip]:[local_port];transport=[transport]>
    Content-Type: application/sdp
    Content-Length: [len]

    {{{{sdp}}}}
  ]]></send>
  <recv request="ACK"/>
  <recv request="REFER"/>
  <send><![CDATA[
    SIP/2.0 202 Accepted{_REPLY}
  ]]></send>
  <send retrans="500"><![CDATA[
    NOTIFY [next_url] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:[service]@[local_ip]:[local_port]>;tag=[pid]s[call_number]
    To: [$peer]
    [last_Call-ID:]
    CSeq: 1 NOTIFY
    Contact: <sip:[service]@[local_ip]:[local_port];transport=[transport]>
    Max-Forwards: 70
    Event: refer
    Subscription-State: terminated;reason=noresource
    Content-Type: message/sipfrag
    Content-Length: [len]

    SIP/2.0 200 OK
  ]]></send>
  <recv response="200"/>
  <recv request="BYE"/>
  <send><![CDATA[
    SIP/2.0 200 OK{_REPLY}
  ]]></send>
</scenario>
""".replace(
    '<recv request="REFER"/>',
    '<recv request="REFER"><action><ereg regexp=".*" search_in="hdr" header="From:" '
    'assign_to="peer"/></action></recv>',
)
