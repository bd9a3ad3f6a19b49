import pytest
from offices import GOOD, MAIN, MEMBERS, TRUNK, faults_of, paths_of

FAULTY = {
    # text of the file: where the faults are, in the file's order
    "unknown table": (GOOD + "[group.main]", ["group"]),
    "unknown setting of a group": (GOOD + "ring_time = 20", ["groups.main.ring_time"]),
    "unknown setting of the office": ("[office]\nlang = 'da'" + GOOD, ["office.lang"]),
    "unknown setting of a listener": (
        "[sip]\nlisten = [{ adress = '127.0.0.1' }]" + GOOD,
        ["sip.listen[0].adress"],
    ),
    "text for a number": (GOOD + "ring_time_s = '20'", ["groups.main.ring_time_s"]),
    "number for text": (GOOD + "strategy = 1", ["groups.main.strategy"]),
    "truth for a number": (GOOD + "queue_cap = true", ["groups.main.queue_cap"]),
    "number for truth": (GOOD + "queue = 1", ["groups.main.queue"]),
    "fraction for a whole number": (GOOD + "max_offers = 2.0", ["groups.main.max_offers"]),
    "text for a list": (
        MEMBERS + "[groups.main]\nnumber = '1'\nmembers = 'anna'",
        ["groups.main.members"],
    ),
    "list for text": ("[office]\nname = ['x']" + GOOD, ["office.name"]),
    "number in a list of texts": (
        MEMBERS + "[groups.main]\nnumber = '1'\nmembers = ['anna', 5]",
        ["groups.main.members[1]"],
    ),
    "text for a table": ("members = 'anna'", ["members"]),
    "text for a member": ("[members]\nanna = 'sip:anna@192.0.2.1'", ["members.anna"]),
    "one table for a list of tables": (GOOD + "[sip.trunks]\nid = 'x'", ["sip.trunks"]),
    "not a number": (GOOD + "ring_time_s = nan", ["groups.main.ring_time_s"]),
    "infinite": (GOOD + "wrap_up_s = inf", ["groups.main.wrap_up_s"]),
    "too large for a float": (GOOD + f"wrap_up_s = 1{'0' * 400}", ["groups.main.wrap_up_s"]),
    "date for text": ("[office]\nname = 2026-01-01" + GOOD, ["office.name"]),
    "member without address": (GOOD + "[members.eva]\nname = 'Eva'", ["members.eva.address"]),
    "group without number": (
        MEMBERS + "[groups.main]\nmembers = ['anna']",
        ["groups.main.number"],
    ),
    "trunk without id and server": (
        GOOD + "[[sip.trunks]]\nregister = false",
        ["sip.trunks[0].id", "sip.trunks[0].server"],
    ),
    "unknown strategy": (GOOD + "strategy = 'random'", ["groups.main.strategy"]),
    "unknown language": ("[office]\nlanguage = 'dk'" + GOOD, ["office.language"]),
    "unknown language of a group": (GOOD + "language = 'fi'", ["groups.main.language"]),
    "unknown codec": ("[sip]\ncodecs = ['PCMA', 'G729']" + GOOD, ["sip.codecs[1]"]),
    "codec in wrong case": ("[sip]\ncodecs = ['pcma']" + GOOD, ["sip.codecs[0]"]),
    "codec twice": ("[sip]\ncodecs = ['PCMA', 'PCMU', 'PCMA']" + GOOD, ["sip.codecs[2]"]),
    "no codec": ("[sip]\ncodecs = []" + GOOD, ["sip.codecs"]),
    "unknown transport": (
        "[sip]\nlisten = [{ transport = 'sctp' }]" + GOOD,
        ["sip.listen[0].transport"],
    ),
    "unknown encryption": ("[sip]\nsrtp = 'on'" + GOOD, ["sip.srtp"]),
    "unknown clock rate": ("[sip]\nclock_rate_hz = 44100" + GOOD, ["sip.clock_rate_hz"]),
    "member listed twice": (
        MEMBERS + "[groups.main]\nnumber = '1'\nmembers = ['anna', 'bo', 'anna']",
        ["groups.main.members[2]"],
    ),
    "member not defined": (
        MEMBERS + "[groups.main]\nnumber = '1'\nmembers = ['anna', 'ana']",
        ["groups.main.members[1]"],
    ),
    "group without members": ("[groups.main]\nnumber = '1'", ["groups.main.members"]),
    "empty list of members": (
        "[groups.main]\nnumber = '1'\nmembers = []",
        ["groups.main.members"],
    ),
    "number of two groups": (
        GOOD + "[groups.other]\nnumber = '1000'\nmembers = ['bo']",
        ["groups.other.number"],
    ),
    "number of two groups, in a list": (
        GOOD + "[groups.other]\nnumber = ['2000', '1000']\nmembers = ['bo']",
        ["groups.other.number[1]"],
    ),
    "number twice": (
        MEMBERS + "[groups.main]\nnumber = ['1', '1']\nmembers = ['bo']",
        ["groups.main.number[1]"],
    ),
    "number with spaces": (
        MEMBERS + "[groups.main]\nnumber = '70 10 20 30'\nmembers = ['bo']",
        ["groups.main.number"],
    ),
    "number with a star before its end": (
        MEMBERS + "[groups.main]\nnumber = '1*2'\nmembers = ['bo']",
        ["groups.main.number"],
    ),
    "unknown estimator": (GOOD + "expected_wait = 'guess'", ["groups.main.expected_wait"]),
    "unknown action": (GOOD + "no_answer_action = 'fire'", ["groups.main.no_answer_action"]),
    "further group is none": (
        GOOD + "further = [{ group = 'mian' }]",
        ["groups.main.further[0].group"],
    ),
    "further group is the group itself": (
        GOOD + "further = [{ group = 'main' }]",
        ["groups.main.further[0].group"],
    ),
    "further group without a name": (
        GOOD + "further = [{ after_s = 5 }]",
        ["groups.main.further[0].group"],
    ),
    "further group is text": (GOOD + "further = ['main']", ["groups.main.further[0]"]),
    "unknown setting of a further group": (
        GOOD + "further = [{ group = 'b', after = 5 }]\n[groups.b]\nnumber = []\nmembers = ['bo']",
        ["groups.main.further[0].after"],
    ),
    "skill that is no name": (
        GOOD + "[members.eva]\naddress = 'sip:eva@x'\nskills = ['da', 'big deals']",
        ["members.eva.skills"],
    ),
    "skills are text": (
        GOOD + "[members.eva]\naddress = 'sip:eva@x'\nskills = 'da'",
        ["members.eva.skills"],
    ),
    "key that no telephone has": (
        GOOD + "leave_keys = { 11 = 'voicemail', 1 = 'voicemail' }",
        ["groups.main.leave_keys.11"],
    ),
    "key to no place": (
        GOOD + "leave_keys = { 1 = 'voice', 2 = { group = 'mian' } }",
        ["groups.main.leave_keys.1", "groups.main.leave_keys.2.group"],
    ),
    "key for two things": (
        GOOD + "call_back_key = '1'\nleave_keys = { 1 = 'voicemail' }",
        ["groups.main.leave_keys.1"],
    ),
    "call back by two keys": (GOOD + "call_back_key = '11'", ["groups.main.call_back_key"]),
    "target is no place": (GOOD + "overflow = 'voice mail'", ["groups.main.overflow"]),
    "target without value": (GOOD + "overflow = 'number'", ["groups.main.overflow"]),
    "two targets in one": (
        GOOD + "overflow = { group = 'main', voicemail = 'main' }",
        ["groups.main.overflow"],
    ),
    "no target in one": (GOOD + "overflow = {}", ["groups.main.overflow"]),
    "target of a wrong type": (GOOD + "no_answer = 5", ["groups.main.no_answer"]),
    "target is an undefined group": (
        GOOD + "no_queue = { group = 'mian' }",
        ["groups.main.no_queue.group"],
    ),
    "voicemail of an undefined group": (
        GOOD + "no_answer = { voicemail = 'sales' }",
        ["groups.main.no_answer.voicemail"],
    ),
    "target is a bad address": (
        GOOD + "overflow = { number = 'sip:' }",
        ["groups.main.overflow.number"],
    ),
    "member with a bad address": (
        MAIN + "[members.anna]\naddress = 'anna'\n[members.bo]\naddress = 'sip:bo@192.0.2.300'",
        ["members.anna.address", "members.bo.address"],
    ),
    "plain numbers and no trunk": (
        MAIN
        + "overflow = { number = '+4570102030' }\n"
        + "[members.anna]\naddress = '70102030'\n[members.bo]\naddress = 'tel:+4570102030'",
        ["groups.main.overflow.number", "members.anna.address", "members.bo.address"],
    ),
    "listener on no IP address": (
        "[sip]\nlisten = [{ address = 'localhost' }]" + GOOD,
        ["sip.listen[0].address"],
    ),
    "listener on a bad port": (
        "[sip]\nlisten = [{ port = 65536 }, { port = -1 }]" + GOOD,
        ["sip.listen[0].port", "sip.listen[1].port"],
    ),
    "same listener twice": ("[sip]\nlisten = [{}, {}]" + GOOD, ["sip.listen[1]"]),
    "no listener": ("[sip]\nlisten = []" + GOOD, ["sip.listen"]),
    "TLS without certificate": (
        "[sip]\nlisten = [{ transport = 'tls', port = 5061 }]" + GOOD,
        ["sip.tls.certificate"],
    ),
    "public address is a name": (
        "[sip]\npublic_address = 'pbx.example.net'" + GOOD,
        ["sip.public_address"],
    ),
    "ports for sound upside down": (
        "[sip]\nrtp_port_first = 20000\nrtp_port_last = 20000" + GOOD,
        ["sip.rtp_port_first"],
    ),
    "trunk twice": (GOOD + TRUNK + TRUNK, ["sip.trunks[1].id"]),
    "trunk at no host": (
        GOOD + "[[sip.trunks]]\nid = 'x'\nuser = 'u'\nserver = 'sip.example.net:0'",
        ["sip.trunks[0].server"],
    ),
    "trunk over a transport that nothing listens on": (
        GOOD + TRUNK + "transport = 'tcp'",
        ["sip.trunks[0].transport"],
    ),
    "trunk over IPv6 and a listener of IPv4 only": (
        GOOD + "[[sip.trunks]]\nid = 'x'\nuser = 'u'\nserver = '[2001:db8::1]:5060'",
        ["sip.trunks[0].transport"],
    ),
    "trunk registers without name": (
        GOOD + "[[sip.trunks]]\nid = 'x'\nserver = 'sip.example.net'",
        ["sip.trunks[0].user"],
    ),
    "trunk shows no number": (
        GOOD + TRUNK + "caller_number = 'Fjordby'",
        ["sip.trunks[0].caller_number"],
    ),
    "id that cannot name a folder": (
        GOOD + "[groups.'../x']\nnumber = '2'\nmembers = ['bo']",
        ['groups."../x"'],
    ),
    "line break in a header": (
        '[sip]\nuser_agent = "a\\r\\nEvil: header"' + GOOD,
        ["sip.user_agent"],
    ),
    "missing greeting": (GOOD + "greeting = 'no.wav'", ["groups.main.greeting"]),
    "missing music": (
        GOOD + "music = ['no.wav', 'no.mp3']",
        [
            "groups.main.music[0]",
            "groups.main.music[1]",
        ],
    ),
    "empty path": (GOOD + "greeting = ''", ["groups.main.greeting"]),
    "missing TLS files": (
        "[sip.tls]\ncertificate = 'c.pem'\nkey = 'k.pem'\nauthorities = 'a.pem'" + GOOD,
        ["sip.tls.certificate", "sip.tls.key", "sip.tls.authorities"],
    ),
}


@pytest.mark.parametrize(("text", "paths"), FAULTY.values(), ids=FAULTY.keys())
def test_each_fault_is_found_where_it_is_and_nothing_else(text: str, paths: list[str]):
    assert paths_of(text) == paths


def test_an_office_without_fault():
    assert faults_of(GOOD) == ()
    assert faults_of(GOOD + TRUNK + "[members.eva]\naddress = '+4570102030'") == ()


@pytest.mark.parametrize("codec", ["PCMA", "PCMU", "G722", "opus", "GSM", "speex", "L16"])
def test_every_codec_of_the_server_build_may_be_named(codec: str):
    assert faults_of(f"[sip]\ncodecs = ['{codec}']" + GOOD) == ()


def test_an_unknown_codec_is_told_with_those_that_are_known():
    [fault] = faults_of("[sip]\ncodecs = ['G729']" + GOOD)
    assert fault.allowed == "PCMA, PCMU, G722, opus, GSM, speex or L16"


def test_numbers_of_the_office_need_no_trunk_as_targets():
    text = GOOD + "overflow = { number = 'repairs-2' }\nnobody_active = { number = '2000' }\n"
    other = "[groups.repairs]\nnumber = ['2000', 'repairs-2']\nmembers = ['bo']"
    assert faults_of(text + other) == ()
    assert paths_of(text) == [
        "groups.main.overflow.number",
        "groups.main.nobody_active.number",
    ]


def test_ten_faults_in_one_file_are_ten_faults():
    text = """
[office]
language = "dk"
nmae = "Office"
[sip]
listen = [{ address = "nowhere", port = 99999 }]
codecs = ["PCMB"]
[members.anna]
address = 5
[groups.main]
number = "1000"
members = ["anna", "anna", "eva"]
ring_time_s = 41
overflow = { group = "sales" }
"""
    assert [(fault.line, fault.path) for fault in faults_of(text)] == [
        (3, "office.language"),
        (4, "office.nmae"),
        (6, "sip.listen[0].port"),
        (6, "sip.listen[0].address"),
        (7, "sip.codecs[0]"),
        (9, "members.anna.address"),
        (12, "groups.main.members[1]"),
        (12, "groups.main.members[2]"),
        (13, "groups.main.ring_time_s"),
        (14, "groups.main.overflow.group"),
    ]


def test_a_fault_says_what_was_found_and_what_is_allowed():
    [fault] = faults_of(GOOD + "ring_time_s = 41")
    assert fault.value == "41"
    assert fault.allowed == "a number from 15 to 40"
    assert str(fault) == (
        "line 10: groups.main.ring_time_s: This is out of range. (found 41)"
        "; allowed: a number from 15 to 40"
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (GOOD + "ringtime_s = 20", "Did you mean `ring_time_s`?"),
        (GOOD + "strategy = 'longest-idle'", "Did you mean `longest_idle`?"),
        (GOOD + "no_queue = { group = 'mian' }", "Did you mean `main`?"),
        (GOOD + "no_queue = 'hangup'", "Did you mean `hang_up`?"),
        ("[sip]\ncodecs = ['pcma']" + GOOD, "Did you mean `PCMA`?"),
        ("[group.main]", "Did you mean `groups`?"),
    ],
)
def test_the_nearest_known_word_is_suggested(text: str, hint: str):
    assert [fault for fault in faults_of(text) if hint in fault.message]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[office\nname = 'x'", 1),
        ("[office]\nname = 'x'\nname = 'y'", 3),
        ("[office]\n\nname = x", 3),
        ('[office]\nname = "\\q"', 2),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(text: str, line: int | None):
    [fault] = faults_of(text)
    assert (fault.path, fault.line) == ("office file", line)
    assert fault.message.startswith("This is not TOML: ")
    assert f"(at line {line}, column " in fault.message or "(at end of document)" in fault.message


def test_nesting_without_end_is_refused():
    [fault] = faults_of("x = " + "[" * 5000)
    assert fault.message == "Lists or tables are nested too deeply."
    assert paths_of("a" + ".a" * 3000 + " = 1") == ["a"]


SECRET = "hunter2-and-more"  # noqa: S105 - what must not be shown


@pytest.mark.parametrize(
    "text",
    [
        f"[[sip.trunks]]\npassword = ['{SECRET}']",
        f"[[sip.trunks]]\npasword = '{SECRET}'",
        f'[[sip.trunks]]\npassword = "{SECRET}\\u0000"',
        f"[sip.trunks]\npassword = '{SECRET}'",
        f"[members.anna]\naddress = 'sip:anna:{SECRET}@'",
        f"[members.anna]\naddress = 'sip:anna:{SECRET}@192.0.2.1 '",
        f"[groups.main]\noverflow = {{ number = 'SIPS:anna:{SECRET}@x;y z' }}",
        f"[[sip.trunks]]\npassword = '{SECRET}",
        f"[[sip.trunks]]\npassword = {SECRET}",
    ],
)
def test_passwords_never_appear(text: str):
    faults = faults_of(text)
    assert faults
    assert SECRET not in "".join(map(repr, faults)) + "".join(map(str, faults))
