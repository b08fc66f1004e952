"""A script as the shell sees it: which commands it has, what surrounds them, and where they stand."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilint.shell.script import SimpleCommand, mentions, parse
from cilint.shell.words import COMMAND, EXPANSION, GLOB, SINGLE


def only(script: str) -> SimpleCommand:
    (command,) = parse(script).commands
    return command


def named(script: str, name: str) -> SimpleCommand:
    (command,) = [command for command in parse(script).commands if command.name == name]
    return command


def names(script: str) -> list[str]:
    return [command.name for command in parse(script).commands]


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("aws s3 ls", "aws"),
        ("/usr/local/bin/aws s3 ls", "aws"),
        ('"$HOME"/bin/aws s3 ls', "aws"),
        ("./gradlew build", "gradlew"),
        ("sudo -E -u builder aws s3 ls", "aws"),
        ("env -i A=1 B=2 aws s3 ls", "aws"),
        ("sudo env A=1 time aws s3 ls", "aws"),
        ("timeout -k 5 30 aws s3 ls", "aws"),
        ("nohup aws s3 ls", "aws"),
        ("exec aws s3 ls", "aws"),
        ("A=1 aws s3 ls", "aws"),
        ("command -v aws", "command"),
        ("env", "env"),
        ("A=1", ""),
        ("$TOOL s3 ls", ""),
        ("$(which aws) s3 ls", ""),
    ],
)
def test_the_name_is_the_command_that_runs(script: str, name: str) -> None:
    assert parse(script).commands[0].name == name


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a; b & c\nd", ["a", "b", "c", "d"]),
        ("a | b && c || d", ["a", "b", "c", "d"]),
        ("a $(b $(c)) `d` <(e)", ["a", "b", "c", "d", "e"]),
        ('echo "$(a) and `b`" # $(c)', ["echo", "a", "b"]),
        ("echo '$(a)'", ["echo"]),
        ("export A=$(a) B", ["export", "a"]),
        ("A=$(a); B=`b`", ["", "a", "", "b"]),
        ("for x in $(a); do b; done < <(c)", ["a", "b", "c"]),
        ("cat <<EOF | a && b\n$(c)\nEOF\nd", ["cat", "a", "b", "c", "d"]),
        ("cat <<'EOF'\n$(a)\nEOF\nb", ["cat", "b"]),
        ("[ -f x ] && [[ $y == z ]] && ((1 < 2)) && test -f w", ["[", "[[", "((", "test"]),
        ("", []),
        ("# nothing", []),
    ],
)
def test_commands_in_source_order(script: str, expected: list[str]) -> None:
    assert names(script) == expected


@pytest.mark.parametrize(
    ("script", "question", "answer"),
    [
        ("aws s3 sync a b", ("aws", "s3", "sync"), True),
        ("aws --region eu-west-1 s3 --no-progress sync a b", ("aws", "s3", "cp|sync"), True),
        ("aws --profile=x s3 sync a b", ("aws", "s3", "sync"), True),
        ("docker --context remote push image", ("docker", "push"), True),
        ("npm --prefix web ci", ("npm", "ci"), True),
        ("npm run ci", ("npm", "ci"), False),
        ("docker run image push", ("docker", "push"), False),
        ("aws s3 $ACTION a b", ("aws", "s3", "sync"), False),
        ("aws", ("aws", "s3"), False),
        ("echo aws s3 sync", ("aws", "s3", "sync"), False),
    ],
)
def test_matches_looks_through_global_options(script: str, question: tuple[str, ...], answer: bool) -> None:
    assert only(script).matches(*question) is answer


def test_the_value_of_an_option() -> None:
    command = only('deploy --stack "my stack" --region=$REGION --yes --file x -- --late y')
    stack, region = command.option("--stack"), command.option("-r", "--region")
    assert not isinstance(stack, bool) and stack is not None and stack.text == "my stack"
    assert not isinstance(region, bool) and region is not None and region.raw == "$REGION"
    assert region.names == ("REGION",)
    assert command.option("--yes") is True
    assert command.option("--absent") is None
    assert command.option("--late") is None, "behind `--` there are no options"
    assert command.has("--yes") and not command.has("--no")


def test_parts_of_a_word() -> None:
    (word,) = only("echo a\"b $X${Y:-$Z} \"'c d'*.txt$((N + 1))").args
    assert [(part.kind, part.text, part.names, part.quoted) for part in word.parts] == [
        ("literal", "a", (), False),
        ("double", "b ", (), True),
        ("expansion", "$X", ("X",), True),
        ("expansion", "${Y:-$Z}", ("Y", "Z"), True),
        ("double", " ", (), True),
        ("single", "c d", (), False),
        ("glob", "*.txt", (), False),
        ("arithmetic", "$((N + 1))", ("N",), False),
    ]
    assert word.text is None
    assert word.names == ("X", "Y", "Z", "N")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("plain", "plain"),
        (r"a\ b", "a b"),
        (r'"a \"b\" \$c \d"', r'a "b" $c \d'),
        (r"'a \b'", r"a \b"),
        (r"$'a\tb'", "a\tb"),
        ('""', ""),
        ("pre'mid'\"post\"", "premidpost"),
        ("dist/*", "dist/*"),
        ("$X", None),
        ('"a$(b)"', None),
    ],
)
def test_text_is_the_value_when_nothing_is_expanded(raw: str, value: str | None) -> None:
    (word,) = parse(f"echo {raw}").commands[0].args
    assert (word.raw, word.text) == (raw, value)


def test_kinds_that_matter_to_a_check() -> None:
    plain, single, command = parse("x *.$A 'b' $(c)").commands[0].args
    assert plain.has(GLOB) and plain.has(EXPANSION)
    assert single.has(SINGLE)
    assert command.has(COMMAND)


def test_assignments_and_redirections() -> None:
    command = only('A=1 B= sudo C=$D foo <<< "$E" 2>&1 >out bar')
    assert [(item.name, item.value.raw if item.value else None) for item in command.assignments] == [
        ("A", "1"),
        ("B", None),
        ("C", "$D"),
    ]
    assert [(item.descriptor, item.operator, item.target.raw if item.target else "") for item in command.redirects] == [
        ("", "<<<", '"$E"'),
        ("2", ">&", "1"),
        ("", ">", "out"),
    ]
    assert [word.raw for word in command.words] == ["foo", "bar"]
    assert set(command.reads) == {"D", "E"}


def test_a_redirection_belongs_to_the_last_command_of_a_list() -> None:
    first, second = parse("a && b > x").commands
    assert not first.redirects
    assert second.redirects[0].target is not None and second.redirects[0].target.text == "x"


@pytest.mark.parametrize(
    ("script", "quoted", "text", "reads"),
    [
        ("cat <<EOF\n  a $X\nEOF\n", False, "  a $X\n", ("X",)),
        ("cat <<'EOF'\na $X\nEOF\n", True, "a $X\n", ()),
        ('cat <<"EOF" > out\na $X\nEOF', True, "a $X\n", ()),
        ("cat <<\\EOF\na\nEOF", True, "a\n", ()),
        ("cat <<-EOF && b\n\ta\n\tEOF\n", False, "\ta\n\t", ()),
    ],
)
def test_heredocs(script: str, quoted: bool, text: str, reads: tuple[str, ...]) -> None:
    command = named(script, "cat")
    (heredoc,) = [redirect.heredoc for redirect in command.redirects if redirect.heredoc]
    assert (heredoc.delimiter, heredoc.quoted, heredoc.text) == ("EOF", quoted, text)
    assert script[heredoc.start : heredoc.end] == text
    assert command.reads == reads


@pytest.mark.parametrize(
    ("script", "fate"),
    [
        ("x", ""),
        ("x || true", "or-true"),
        ("x || :", "or-true"),
        ("x || echo failed", "or-true"),
        ("x || exit 0", "or-true"),
        ("x || y", "or-else"),
        ("x || exit 1", ""),
        ("x || { echo failed; exit 1; }\ny", ""),
        ("x && y", ""),
        ("x && y || true", "or-true"),
        ("y || x", ""),
        ("if x; then y; fi", "condition"),
        ("while x; do y; done", "condition"),
        ("if y; then x; fi", ""),
        ("! x", "negated"),
        ("x | tee log", "piped"),
        ("y | x", ""),
        ("set -o pipefail; x | tee log", ""),
        ("x &", "background"),
        ("x\ny", "unchecked"),
        ("set -e\nx\ny", ""),
        ("set -euo pipefail; x | y; z", ""),
        ("set -e\nx && y\nz", "unchecked"),
        ("set -e; set +e; x; y", "unchecked"),
        ("(set -e); x; y", "unchecked"),
        ("(x; y)", "unchecked"),
        ("A=$(x)", ""),
        ("export A=$(x)", "substituted"),
        ('echo "$(x)"', "substituted"),
        ("for i in 1 2; do x; done", "looped"),
        ("set -e; for i in 1 2; do x; done", ""),
    ],
)
def test_what_becomes_of_a_failure(script: str, fate: str) -> None:
    assert named(script, "x").failure == fate


@pytest.mark.parametrize(
    ("script", "conditions"),
    [
        ("if a; then x; fi", ["a"]),
        ("if a; then b; else x; fi", ["not a"]),
        ("if a; then b; elif c; then x; fi", ["not a", "c"]),
        ("a && b || x", ["not a && b"]),
        ("a && x", ["a"]),
        ("while a; do x; done", ["a"]),
        ("until a; do x; done", ["not a"]),
        ("case $v in 1) a;; 2|3) x;; esac", ["not case $v in 1)", "case $v in 2|3)"]),
        ("a || exit 1\nx", ["a"]),
        ("a && exit 0; x", ["not a"]),
        ("if a; then exit 1; fi; x", ["not a"]),
        ("for f in *; do a || continue; x; done", ["a"]),
        ("(a || exit 1); x", []),
        ("if a; then b; fi; x", []),
    ],
)
def test_conditions_under_which_it_runs(script: str, conditions: list[str]) -> None:
    found = named(script, "x").conditions
    assert [condition.text if condition.holds else f"not {condition.text}" for condition in found] == conditions
    for condition in found:
        assert condition.text.startswith("case") or script[condition.start : condition.end] == condition.text


@pytest.mark.parametrize(
    ("script", "inside"),
    [
        ("x", ()),
        ("f() { x; }", ("function", "group")),
        ("(x)", ("subshell",)),
        ("{ x; }", ("group",)),
        ("for i in 1; do if a; then x; fi; done", ("loop", "branch")),
        ("echo $(x)", ("substitution",)),
        ("echo <(x)", ("substitution",)),
        ("cat <<EOF\n$(x)\nEOF", ("heredoc", "substitution")),
    ],
)
def test_what_it_stands_in(script: str, inside: tuple[str, ...]) -> None:
    assert named(script, "x").inside == inside


def test_the_pipe_of_a_command() -> None:
    script = parse("curl -s url | gunzip | sh; ls")
    curl, _, sh, ls = script.commands
    assert curl.pipe is not None and curl.pipe.position == 0
    assert sh.pipe is not None and sh.pipe.is_last
    assert [command.name for command in script.piped(curl)] == ["curl", "gunzip", "sh"]
    assert ls.pipe is None and script.piped(ls) == ()


def test_what_cannot_be_read_stays_silent() -> None:
    script = parse("before\necho Building (latest)\n")
    assert script.has_error
    assert "before" in [command.name for command in script.commands]
    assert parse("if a; then b; fi").errors == ()
    assert names("before; foo > out <<< word; after") == ["before", "after"], "the grammar misreads this `<<<`"


def test_the_grammar_is_not_loaded_before_the_first_parse() -> None:
    program = (
        "import sys, cilint.shell.script as s, cilint.shell.tools, cilint.shell.dialect\n"
        "assert not s.mentions('echo', ('docker',)) and s.mentions('docker push', ('docker',))\n"
        "assert not any(name.startswith('tree_sitter') for name in sys.modules)\n"
        "s.parse('echo')\n"
        "assert 'tree_sitter' in sys.modules and 'importlib.resources' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert mentions("docker push x", ("docker",))


def test_the_grammar_is_found_the_ordinary_way_where_its_module_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    from cilint.shell import grammar

    monkeypatch.setattr(grammar, "_parser", None)
    monkeypatch.setattr(grammar, "_binding", lambda: None)
    assert names("echo") == ["echo"]


LITERALS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="'"), max_size=20)


@given(st.lists(LITERALS, min_size=1, max_size=5))
def test_spans_are_code_points(values: list[str]) -> None:
    text = "echo é😀; tool " + " ".join(f"'{value}'" for value in values)
    command = parse(text).commands[-1]
    assert [word.text for word in command.args] == values
    for word in command.words:
        assert text[word.start : word.end] == word.raw
        for part in word.parts:
            assert word.start <= part.start <= part.end <= word.end
    assert text[command.start :] == text[text.index("tool") :]


@pytest.mark.parametrize(
    "character", ["\u00e9", "\u2014", "\u3000", "\U0001f680", "\U000296e0", "\U0010ffff", "\ud800"]
)
@pytest.mark.parametrize(
    "frame", ["echo {%s}", "{%s", "echo a{0..%s}", "%s>x", "x=%s", "$%s", "${%s}", "[[ a =~ %s ]]"]
)
def test_no_character_is_too_wide_for_the_grammar(frame: str, character: str) -> None:
    """The scanner of tree-sitter-bash 0.25 crashed on `{` before a character beyond its table."""
    text = frame % (character * 3)
    for command in parse(text).commands:
        assert text[command.start : command.end]


SHELL_LIKE = st.text(st.sampled_from("abX= \n\t\r$(){}[]<>|&;!'\"`\\#*?é😀0/-\x00\ud800"), max_size=60)
SNIPPETS = st.lists(
    st.sampled_from(
        [
            *("if ", "; then ", "; fi", "case $a in ", "b) ", ";; ", "esac", "<<E\n", "\nE\n", "do ", "; done"),
            *("for i in ", "$(", ")", "`", "{ ", "; }", "((", "))", "[[ ", " ]]", "a ", "&& ", "|| exit 1", "| "),
            *("! ", "sudo ", "X=1 ", "$X", '"', "'"),
        ]
    ),
    max_size=25,
).map("".join)


@given(st.one_of(st.text(), SHELL_LIKE, SNIPPETS))
def test_any_text_can_be_parsed(text: str) -> None:
    script = parse(text)
    for command in script.commands:
        assert 0 <= command.start <= command.end <= len(text)
        for word in command.words:
            assert text[word.start : word.end] == word.raw
        script.runs(command, {"X": "0"})


@pytest.mark.parametrize("nest", ["(", "{ ", "$(", "((", "if ", "`", "a && ", "! ", "a | ", "[ ( "])
@pytest.mark.parametrize("times", [30, 150, 600, 5000])
def test_deep_nesting_ends_nothing(nest: str, times: int) -> None:
    closing = {"(": ")", "{ ": "; }", "$(": ")", "((": "))"}.get(nest, "")
    script = parse(nest * times + "a" + closing * times)
    for command in script.commands:
        script.runs(command, {"X": "0"})
