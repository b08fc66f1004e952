"""What is said of a text that YAML refuses, and of a key that occurs twice: each mistake with its repair."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cilint.source.json import parse_json
from cilint.source.nodes import Document
from cilint.source.text import Text
from cilint.source.yaml import parse_yaml

Told = tuple[int, int, str, list[tuple[int, int, str]]]


def told(document: Document) -> list[Told]:
    """Line, column, message and the other places (line, column, phrase) of each problem."""
    at = document.text.position
    return [
        (*at(each.span.start), each.message, [(*at(span.start), phrase) for span, phrase in each.related])
        for each in document.problems
    ]


INDENTATION = {
    "a key in the column of the dash": (
        "files:\n  - source: /\n  destination: /srv\n",
        (3, 3, "`destination` stands in the column of the dash above; indent it to the column of `source`"),
        [(2, 5, "`source` is here")],
    ),
    "a key between the dash and the keys": (
        "Start:\n    - location: a.sh\n     timeout: 300\n",
        (3, 6, "`timeout` stands between the dash and the keys; indent it to the column of `location`"),
        [(2, 7, "`location` is here")],
    ),
    "a key deeper than the key above, whose text it would go on with": (
        "Start:\n  - location: a.sh\n      timeout: 300\n",
        (3, 7, "`timeout` stands 2 columns right of `location`; put it in the same column"),
        [(2, 5, "`location` is here")],
    ),
    "a key deeper than the key above, whose text is quoted": (
        "env:\n  A: '1'\n   B: 2\n",
        (3, 4, "`B` stands one column right of `A`; put it in the same column"),
        [(2, 3, "`A` is here")],
    ),
    "a key in the column of a list of texts": (
        "artifacts:\n  files:\n    - a.zip\n    name: b\n",
        (
            4,
            5,
            "`name` stands in the column of the dashes of `files`; put it in the column of `files`, or `- ` before it",
        ),
        [(2, 3, "`files` is here")],
    ),
    "a key that fits no key above": (
        "phases:\n    build:\n      commands: [a]\n  post_build:\n",
        (4, 3, "`post_build` stands between the columns of `phases` and `build`; put it in one of them"),
        [(2, 5, "`build` is here"), (1, 1, "`phases` is here")],
    ),
    "a key that fits, had the one before it been indented": (
        "phases:\n  install:\n    commands: [a]\nbuild:\n   commands: [b]\n  post_build:\n",
        (
            6,
            3,
            "`post_build` stands between the columns of `build` and `commands`; put it in one of them, "
            "or indent `build` like `install`",
        ),
        [(5, 4, "`commands` is here"), (4, 1, "`build` is here"), (2, 3, "`install` is here")],
    ),
    "a dash right of the dashes above": (
        "a:\n  -\n    b: '1'\n   -\n    b: '2'\n",
        (4, 4, "this dash stands one column right of the dashes above; put it in the same column"),
        [(2, 3, "the first")],
    ),
    "a dash left of the dashes above": (
        "a:\n    - x\n   - y\n",
        (3, 4, "this dash stands one column left of the dash above; put it in the same column"),
        [(2, 5, "the dash")],
    ),
    "a first key that is indented": (
        " version: 0.2\nphases:\n",
        (2, 1, "`phases` stands left of `version`, the first key of the file; put both in the same column"),
        [(1, 2, "`version` is here")],
    ),
    "a tab": ("a:\n\tb: 1\n", (2, 1, "this line begins with a tab; indent with blanks"), []),
}

LISTS_AND_KEYS = {
    "a text above a list, without its dash": (
        "commands:\n  make\n  # then\n  - make test\n",
        (2, 3, "this line is no item of the list below; put `- ` before it"),
        [(4, 3, "the list")],
    ),
    "a text below a list, without its dash": (
        "commands:\n  - make\n  make test\nartifacts:\n",
        (3, 3, "this line is no list item; put `- ` before it"),
        [(2, 3, "an item of the list")],
    ),
    "a dash without its blank": (
        "commands:\n  - make\n  -make test\nartifacts:\n",
        (3, 3, "a dash needs a blank after it to start a list item; write `- `"),
        [],
    ),
    "a text and a list for one key": (
        "files: 'a'\n  - b\n",
        (2, 3, "`files` has a text on its line and a list below; put the text into the list, or remove it"),
        [(1, 8, "the text")],
    ),
    "a key without its colon": (
        "version: 0.2\nphases\n  build:\n",
        (2, 1, "`phases` is a key without its colon; write `phases:`"),
        [],
    ),
    "a key without the blank after its colon": (
        "version:0.2\nphases:\n",
        (1, 1, "`version` is no key without a blank after its colon; put one there"),
        [],
    ),
    "a variable as a shell sets it": (
        "variables:\n  A=1\n  B: 2\n",
        (2, 3, "this line is no key with a value; write `A: ` in place of `A=`"),
        [],
    ),
    "the same key twice on one line": (
        "base: '.'   base: '.'\n",
        (1, 13, "`base` occurs twice on this line; remove the second one"),
        [],
    ),
    "two keys on one line": (
        "base: '.'   name: a\n",
        (1, 13, "`name` is a second key on this line; put it on a line of its own"),
        [],
    ),
    "a merge conflict": (
        "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n",
        (2, 1, "a merge conflict was left here; resolve it and remove its markers"),
        [],
    ),
}

COMMANDS = {
    "a colon in a command with double quotes": (
        '- sed -i "s|image: .*|image: $A|" a.yml\n',
        (1, 28, "an unquoted text cannot hold `: `; put the whole of it in single quotes"),
        [],
    ),
    "a colon in a command with single quotes": (
        "- sed -i 's|image: .*|image: b|' a.yml\n",
        (1, 28, "an unquoted text cannot hold `: `; put the whole of it in double quotes"),
        [],
    ),
    "a colon in a command with both": (
        "- sed -i 's|image: .*|image: \"b\"|' a.yml\n",
        (1, 28, "an unquoted text cannot hold `: `; write it as a block `- |`, the text on the next line"),
        [],
    ),
    "a colon that leaves a backslash in what looks like quotes": (
        '- find . -exec echo "Found: {}" \\; -exec cat {} \\;\n',
        (1, 33, "an unquoted text cannot hold `: `; put the whole of it in single quotes"),
        [],
    ),
    "a colon on a later line of a command": (
        "- python3 -c \"\n  import json\n  with open('a') as f:\n    json.load(f)\n",
        (3, 22, "an unquoted text cannot hold a colon and a blank; write it as a block `- |`, with its lines below"),
        [(1, 3, "the text starts here")],
    ),
    "a comment within a command of several lines": (
        "- if ! command -v docker; then\n    A=1;  # adjust\n    install;\n  fi\n",
        (3, 5, "a comment ends the text that this line goes on with; write the text as a block `- |`"),
        [(2, 11, "the comment"), (1, 1, "the text starts here")],
    ),
    "a here-document that is not indented": (
        "a:\n  - cat > b <<EOF\nmkdir c\nexec d\nEOF\n",
        (3, 1, "the here-document is not part of its command; write it as a block `- |` and indent all its lines"),
        [(2, 3, "the command is here")],
    ),
    "a line that falls out of a block": (
        "a:\n  - |\n    make\ntest\n  - b\n",
        (4, 1, "this line is indented less than the block `|` above; indent it like the lines of the block"),
        [(2, 5, "the block starts here")],
    ),
    "an escape that YAML does not know": (
        '- "grep \\d a"\n',
        (1, 9, "`\\d` is no escape in double quotes; use single quotes, where a backslash is an ordinary character"),
        [],
    ),
    "such an escape beside single quotes": (
        "- \"sed 's/\\./x/'\"\n",
        (1, 11, "`\\.` is no escape in double quotes; write `\\\\.`, or the text as a block `- |`"),
        [],
    ),
    "text after the closing quote": (
        '- "make" test\n',
        (1, 10, "the text goes on after its closing quote; put the whole of it in single quotes"),
        [],
    ),
    "a quote that the quote of the next command closes": (
        '- "make\n- echo "a"\n',
        (1, 3, "the quote of line 1 is closed only on line 2; close it before"),
        [(2, 8, "closed here")],
    ),
    "a quote that nothing closes": (
        '- "make\n- test\n',
        (1, 3, "this quote is never closed; close the quote where the text ends"),
        [],
    ),
    "a shell test": (
        "- [ -f a ] && b\n",
        (1, 13, "a text that starts with `[` must be quoted; put the whole of it in single quotes"),
        [],
    ),
    "a text that starts with @": ("- @echo a\n", (1, 3, "a text cannot start with `@` in YAML; put it in quotes"), []),
    "a pattern": ("a: *.js\n", (1, 5, "`*` starts an alias in YAML; put the whole text in quotes"), []),
}

REFUSED = {**INDENTATION, **LISTS_AND_KEYS, **COMMANDS}


@pytest.mark.parametrize("mistake", REFUSED)
def test_the_cause_of_an_error_is_told_with_its_repair(mistake: str) -> None:
    source, where_and_what, others = REFUSED[mistake]
    assert told(parse_yaml(Text(source))) == [(*where_and_what, others)]


@pytest.mark.parametrize("mistake", REFUSED)
def test_other_line_ends_change_nothing_of_it(mistake: str) -> None:
    source, where_and_what, others = REFUSED[mistake]
    assert told(parse_yaml(Text(source.replace("\n", "\r\n")))) == [(*where_and_what, others)]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("- source: /\ndestination: /srv\n", "- source: /\n  destination: /srv\n"),
        ('- python3 -c "\n  if a:\n    b()"\n', '- |\n  python3 -c "\n  if a:\n    b()"\n'),
        ("- if a; then # b\n    c\n  fi\n", "- |\n  if a; then # b\n    c\n  fi\n"),
        ('- echo "a: b" > c: d\n', "- 'echo \"a: b\" > c: d'\n"),
    ],
)
def test_the_repair_is_one(wrong: str, right: str) -> None:
    assert parse_yaml(Text(wrong)).problems
    assert parse_yaml(Text(right)).problems == ()


READERS = [parse_yaml, parse_json]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("source", "message", "others"),
    [
        (
            '{"a": 1, "a": 2}',
            "the key 'a' occurs twice in this mapping and only the last one counts; remove one",
            [(1, 2, "first here")],
        ),
        (
            '{"a": [1], "a": [2]}',
            "the key 'a' occurs twice in this mapping and only the last one counts; merge the two or remove one",
            [(1, 2, "first here")],
        ),
        (
            '{"a": {"b": [1]}, "a": {"b": [1]}}',
            "the key 'a' occurs twice in this mapping, with the same value; remove one",
            [(1, 2, "first here")],
        ),
        (
            '{"a": 1, "a": 2, "a": 1, "a": 4}',
            "the key 'a' occurs 4 times in this mapping and only the last one counts; "
            "keep one, or give each a mapping of its own",
            [(1, 2, "first here"), (1, 10, "again here"), (1, 18, "again here")],
        ),
        (
            '{"a": 1, "a": 1, "a": 1}',
            "the key 'a' occurs 3 times in this mapping, always with the same value; keep one",
            [(1, 2, "first here"), (1, 10, "again here")],
        ),
    ],
)
def test_a_repeated_key_is_told_once_with_the_number_of_times(
    read: object, source: str, message: str, others: list[tuple[int, int, str]]
) -> None:
    assert callable(read)
    last = source.rindex('"a"') + 1
    assert told(read(Text(source))) == [(1, last, message, others)]


def test_a_number_and_a_text_are_not_the_same_value() -> None:
    [(_line, _column, message, _others)] = told(parse_yaml(Text("a: 1\na: '1'\n")))
    assert "only the last one counts" in message


@pytest.mark.parametrize(
    "source",
    [
        "variables:\n  A=hunter2\n  B: 2\n",
        "A:hunter2\nB: 2\n",
        "a: 'b' hunter2\n",
        "- login -p hunter2 'x: y' : z\n",
        "- login -p hunter2: y\n   b: c\n",
        "a: hunter2 b: c\n",
        "A: hunter2\nA: hunter2\n",
    ],
)
def test_no_value_is_repeated_in_a_message(source: str) -> None:
    """It may be a secret."""
    problems = parse_yaml(Text(source)).problems
    assert problems
    assert "hunter2" not in "".join(each.message + "".join(phrase for _, phrase in each.related) for each in problems)


def test_a_text_without_errors_costs_no_advice() -> None:
    code = (
        "import sys\n"
        "from cilint.source.read import read\n"
        "from cilint.source.text import Text\n"
        "assert not read(Text('a: [1]\\n'), 'a.yml').problems and not read(Text('{\"a\": 1}'), 'a.json').problems\n"
        "assert 'cilint.source.advice' not in sys.modules\n"
        "assert read(Text('a: b: c'), 'a.yml').problems and 'cilint.source.advice' in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""
