import pytest

from softswitch.settings.faults import ConfigPath, dotted, is_within
from softswitch.settings.lines import line_numbers, line_of

TEXT = """# comment
[office]
name = "x"   # line 3
"data_dir" = "y"

[[sip.trunks]]
id = "one"
[[sip.trunks]]
id = "two"
[ members . "a.b" ]
address = "sip:x@y"
groups.main.number = "1"
[groups]
main = { number = "1",
  queue = true }
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("office",), 2),
        (("office", "name"), 3),
        (("office", "data_dir"), 4),
        (("office", "missing"), 2),
        (("sip", "trunks", 0), 6),
        (("sip", "trunks", 0, "id"), 7),
        (("sip", "trunks", 1, "id"), 9),
        (("sip", "trunks", 1, "server"), 8),
        (("members", "a.b", "address"), 11),
        (("members", "a.b", "name"), 10),
        (("groups", "main", "queue"), 14),
        (("groups", "main", "members", 3), 14),
        (("nothing", "here"), None),
    ],
)
def test_where_settings_stand(path: ConfigPath, line: int | None):
    assert line_of(dotted(path), line_numbers(TEXT)) == line


def test_paths_as_people_read_them():
    assert dotted(("sip", "trunks", 0, "server")) == "sip.trunks[0].server"
    assert dotted(("members", "a.b", "x")) == 'members."a.b".x'
    assert dotted(("members", 'q"\n', "x")) == 'members."q\\"\\u000a".x'
    assert dotted(("", "x")) == '"".x'


def test_what_lies_within_what():
    assert is_within("a.b", "a.b")
    assert is_within("a.b.c", "a.b")
    assert is_within("a.b[0]", "a.b")
    assert not is_within("a.bc", "a.b")
    assert not is_within("a", "a.b")
