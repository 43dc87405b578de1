"""The command line: `python app.py …`. Results go to standard output, everything else to standard error."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from bot import dead_commands, person_commands, rep_commands, template_commands
from bot.settings import MissingSetting, Settings

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str]) -> int:
    """Run one command; the exit status is 0, or 1 with the reason on standard error, 2 for a wrong call."""
    from bot.logs import configure

    if list(argv[:1]) == ["bench"]:
        return _bench(argv[1:])  # it has a command line of its own
    arguments = _parser().parse_args(argv)
    configure()
    try:
        run: Command = arguments.run
        return run(arguments)
    except MissingSetting as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.py", description="Sangwari: list a product by talking.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    serve = command("serve", _serve, "web and worker in one; prints the simulator's address with SIMULATOR=1")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--web-only", action="store_true", help="leave the jobs to `work`")
    command("work", _work, "a worker alone: start as many as you like")
    _language_commands(command)
    command("demo", _demo, "a whole listing through the signed webhook to the queue, printed")
    photo = command("photo", _photo, "judge photos; one that repeats an earlier one is `same`")
    photo.add_argument("files", nargs="+", metavar="FILE")
    photo.add_argument("--json", action="store_true")
    hear = command("hear", _hear, "judge voice notes, and write them down where TRANSCRIBER names a machine")
    hear.add_argument("files", nargs="+", metavar="FILE")
    hear.add_argument("--json", action="store_true")
    hear.add_argument("--language", type=_language, default="hi", help="what is spoken (default hi)")
    listings = command("listings", _listings, "the latest version of each listing message")
    listings.add_argument("--json", action="store_true")
    desk = command("desk", _desk, "write down the voice notes that wait, one after the other")
    desk.add_argument("--by", required=True, metavar="NAME", help="stays with each transcript as desk:NAME")
    desk.add_argument("--language", type=_language, help="only notes in this language")
    desk.add_argument("--jsonl", action="store_true", help="one JSON object a line out, one in")
    dead_commands.arguments(command("dead", dead_commands.run, "jobs that nobody tries any more"))
    rep = command("rep", _deeds(rep_commands), "field reps: who helps where, and their passwords")
    rep_commands.arguments(rep)
    person = command("person", _deeds(person_commands), "what we hold of one person: export, erase, merge")
    person_commands.arguments(person)
    text = "stored messages with buttons and approved templates, at the provider"
    template_commands.arguments(command("templates", template_commands.run, text))
    command("bench", lambda _arguments: 0, "speed, as ratios within one run (`bench --help`)")
    return parser


def _language_commands(command: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    """What somebody who writes the texts and words of a language works with."""
    chat = command("chat", _chat, "a talk in the terminal; nothing is sent out")
    chat.add_argument("--jsonl", action="store_true", help="one JSON object a line in, one out")
    chat.add_argument("--language", type=_language, help="one of locales/languages.yml, also a draft")
    chat.add_argument("--channel", choices=("whatsapp", "sms"), default="whatsapp")
    chat.add_argument("--seller", metavar="PHONE", help="go on with this seller instead of a new one")
    understand = command("understand", _understand, "what a message means, without a talk")
    understand.add_argument("--jsonl", action="store_true", help="one JSON object a line in, one out")
    understand.add_argument(
        "--score", action="store_true", help="score the labelled messages of tests/sentences"
    )
    check = command("check", _check, "load every flow, locale and template; every wrong line is named")
    check.add_argument("--sms", action="store_true", help="print what each text costs as SMS")
    command("dlt-export", _dlt_export, "the table of SMS texts that operators register, as CSV")
    script = command("record-script", _record_script, "what a speaker reads aloud, to be recorded")
    script.add_argument("--language", type=_language, default="hne", help="whose wordings (hne)")
    script.add_argument("--csv", action="store_true", help="as the table to keep beside the recordings")
    new = command("new-language", _new_language, "start a language: its files as a draft that works")
    new.add_argument("code", metavar="CODE", help="its ISO 639 code, e.g. hlb; hlb-Latn in Latin letters")
    new.add_argument("--name", help="its own name for itself")
    new.add_argument("--like", metavar="CODE", help="the language it borrows from (hi or hi-Latn)")


def _language(code: str) -> str:
    """A language that can be spoken here, offered or not."""
    from bot.language.languages import load_languages
    from bot.settings import ROOT

    known = load_languages(ROOT / "locales")
    if code not in known:
        raise argparse.ArgumentTypeError(f"{code!r} is not one of: {', '.join(known)}")
    return code


def _settings() -> Settings:
    return Settings.from_environment()


def _out(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _json_lines() -> Iterator[tuple[Any, str | None]]:
    """Each line of standard input as (object, None), or (None, what is wrong with it)."""
    for raw in sys.stdin.buffer:
        text = raw.decode("utf-8", errors="replace").strip()
        if not text:
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield None, f"not JSON: {error}"
            continue
        yield (value, None) if isinstance(value, dict) else (None, "a line must be a JSON object")


def _serve(arguments: argparse.Namespace) -> int:
    from bot.serve import serve

    return serve(_settings(), arguments.host, arguments.port, worker=not arguments.web_only)


def _work(arguments: argparse.Namespace) -> int:
    from bot.serve import work

    return work(_settings())


def _chat(arguments: argparse.Namespace) -> int:
    from bot.chat import BadLine, Chat

    chat = Chat(_settings(), arguments.channel, arguments.seller, arguments.language)
    if not arguments.jsonl:
        return _chat_by_hand(chat)
    for line, wrong in _json_lines():
        if wrong:
            _out({"error": wrong})
            continue
        try:
            _out(chat.say(line))
        except (BadLine, TypeError, ValueError) as error:
            _out({"error": str(error)})
    return 0


def _chat_by_hand(chat: Any) -> int:
    """Type a message; a number or the words of a button press it; an empty line or Ctrl-D ends."""
    print(
        "(a message a line; `@photo FILE…`, `@voice FILE`, `@wait 3d`; an empty line ends)", file=sys.stderr
    )
    for raw in sys.stdin:
        text = raw.strip()
        if not text:
            break
        for reply in chat.say(_typed(text))["replies"]:
            pressed = reply["buttons"] if chat.channel == "whatsapp" else ()  # by SMS they stand in the text
            choices = "  ".join(f"[{button['title']}]" for button in pressed)
            print(
                "◀ " + reply["text"].replace("\n", "\n  ") + (f"\n  {choices}" if choices else ""), flush=True
            )
    return 0


def _typed(text: str) -> dict[str, Any]:
    word, _, rest = text.partition(" ")
    if word == "@photo":
        return {"photos": rest.split()}
    if word == "@voice":
        return {"voice": rest}
    if word == "@wait":
        return {"wait": rest}
    return {"text": text}


def _understand(arguments: argparse.Namespace) -> int:
    from bot.language.lexicon import Lexicon
    from bot.language.understand import understand
    from bot.settings import ROOT

    lexicon = Lexicon.load(ROOT / "locales")
    if arguments.score:
        from bot.language.score import report

        print(report(ROOT / "tests" / "sentences", lexicon))
        return 0
    for line, wrong in _json_lines():
        if wrong:
            _out({"error": wrong})
            continue
        text, asks, language = line.get("text"), line.get("asks"), line.get("language")
        if not isinstance(text, str):
            _out({"error": "`text` must be text"})
            continue
        _out(understand(text, asks, language, lexicon).as_json())
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from bot.actions.executor import action_classes
    from bot.engine.check import check_all
    from bot.engine.check_languages import draft_notes
    from bot.settings import ROOT
    from bot.speech.check_recordings import recording_problems

    problems = check_all(ROOT, frozenset(action().name() for action in action_classes()))
    if not problems:
        from bot.channels.call_entry import call_problems
        from bot.channels.content import content_problems
        from bot.channels.sms_check import all_forms, sms_problems, table
        from bot.web.console.english import problems as english_problems
        from bot.web.console.words import problems as console_problems

        forms = all_forms(ROOT, _settings())
        problems = [*sms_problems(ROOT, forms), *recording_problems(ROOT / "locales"), *call_problems(ROOT)]
        problems += [*map(str, [*console_problems(ROOT), *english_problems(ROOT)]), *content_problems(ROOT)]
        if arguments.sms:
            print(*table(forms), sep="\n")
    for problem in problems:
        print(problem)
    if not problems:
        for note in draft_notes(ROOT / "locales"):
            print(note)
    print(f"{len(problems)} problem(s) found" if problems else "flows, locales and catalogue are complete")
    return 1 if problems else 0


def _record_script(arguments: argparse.Namespace) -> int:
    from bot.settings import ROOT
    from bot.speech.record_script import as_csv, as_text

    if arguments.csv:
        sys.stdout.write(as_csv(ROOT / "locales", arguments.language))
    else:
        print(as_text(ROOT / "locales", arguments.language))
    return 0


def _dlt_export(arguments: argparse.Namespace) -> int:
    from bot.channels import dlt
    from bot.channels.dlt_export import export
    from bot.channels.sms_check import all_forms
    from bot.settings import ROOT

    settings = _settings()
    explicit, _ids = dlt.read(ROOT / "locales" / dlt.FILE)
    export(all_forms(ROOT, settings), explicit, settings.sms_sender, sys.stdout)
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from bot.demo import demo

    return demo(_settings())


def _photo(arguments: argparse.Namespace) -> int:
    from bot.media.photos import judge

    seen: dict[int, str] = {}

    def beside_the_others(data: bytes) -> dict[str, Any]:
        found = judge(data, seen)
        if found.verdict != "refuse":
            seen[len(seen)] = found.hash
        return found.as_json()

    return _judge_files(arguments.files, beside_the_others)


def _hear(arguments: argparse.Namespace) -> int:
    from bot.media.audio import examine
    from bot.speech.hearing import Note, NotHeard
    from bot.speech.recogniser import machine

    by = machine(_settings())

    def heard(data: bytes) -> dict[str, Any]:
        probe, sound = examine(data)
        found = probe.as_json()
        if by and probe.verdict != "refuse":
            name = hashlib.sha256(data).hexdigest()
            try:
                found["transcript"] = by.hear(Note(name, sound, arguments.language)).text or None
            except NotHeard as error:
                print(f"{name}: not heard: {error}", file=sys.stderr)
        return found

    return _judge_files(arguments.files, heard)


JUDGED = ("verdict", "problems", "width", "height", "seconds", "sha256", "transcript")
"""What `photo` and `hear` print of a file; null where a kind of file has no such thing."""


def _judge_files(files: Sequence[str], judge: Callable[[bytes], dict[str, Any]]) -> int:
    missing = 0
    for name in files:
        try:
            data = Path(name).read_bytes()
            found = {"sha256": hashlib.sha256(data).hexdigest(), **judge(data)}
            _out({"file": name, **{key: found.get(key) for key in JUDGED}})
        except OSError as error:
            missing += 1
            print(f"{name}: {error.strerror}", file=sys.stderr)
    return 1 if missing else 0


def _listings(arguments: argparse.Namespace) -> int:
    from bot.handoff.hand_over import latest_messages
    from models.database import connect, migrate

    db = connect(_settings().database_url)
    migrate(db)
    _out(latest_messages(db))
    return 0


def _desk(arguments: argparse.Namespace) -> int:
    from bot.desk.queue import Refused
    from bot.desk.seat import take_seat
    from bot.desk.terminal import by_hand, by_lines
    from bot.media.store import StoreDown

    try:
        with take_seat(_settings(), arguments.by, arguments.language) as seat:
            written = by_lines(seat, _json_lines(), _out) if arguments.jsonl else by_hand(seat)
    except (Refused, StoreDown) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{written} written down", file=sys.stderr)
    return 0


def _deeds(of: ModuleType) -> Command:
    """A group of commands in a module of its own; what it refuses is said with the reason."""

    def run(arguments: argparse.Namespace) -> int:
        try:
            _out(of.run(_settings(), arguments))
        except of.Refused as error:
            print(error, file=sys.stderr)
            return 1
        return 0

    return run


def _new_language(arguments: argparse.Namespace) -> int:
    from bot.language.languages import in_latin_letters
    from bot.new_language import NEXT, Draft, Refused, add_language
    from bot.settings import ROOT

    code = arguments.code
    like = arguments.like or ("hi-Latn" if in_latin_letters(code) else "hi")
    try:
        written = add_language(ROOT / "locales", Draft(code, arguments.name or code, like))
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    for path in written:
        print(path.relative_to(ROOT))
    print(NEXT.format(code=code, like=like))
    return 0


def _bench(argv: Sequence[str]) -> int:
    from tests.bench.run import main as bench

    return bench(list(argv))
