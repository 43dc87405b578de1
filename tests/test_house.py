"""The house itself: its layout, its sizes, and that the papers say what is there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from bot.settings import SECRETS, Settings

ROOT = Path(__file__).resolve().parent.parent
PURE = ("bot/actions", "bot/engine", "bot/language", "bot/messages.py")
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}
VAGUE = {
    "manager",
    "service",
    "services",
    "utils",
    "util",
    "helper",
    "helpers",
    "common",
    "misc",
    "base_base",
}
# A developer's machine or the place where the code was written has no business in the project.
FOREIGN = re.compile(r"(?<![\w.])/(?:home|Users|root|work|farm)/(?!\{)|(?<![\w.])[A-Z]:\\Users")


@cache
def tracked(*patterns: str) -> tuple[Path, ...]:
    """The files of the project, as git knows them; a copy without git has its own files."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files() -> list[Path]:
    return [path for path in tracked("*.py") if "migrations/versions" not in relative(path)]


def requirement_lines(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize(
    "name",
    [
        "app.py",
        "requirements.txt",
        "requirements-dev.txt",
        "pyproject.toml",
        "Makefile",
        ".ci/run",
        "LICENSE",
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "bot/messages.py",
        "bot/receive.py",
        "bot/jobs.py",
        "bot/worker.py",
        "bot/settings.py",
        "bot/cli.py",
        "bot/engine",
        "bot/language",
        "bot/actions",
        "bot/channels",
        "bot/media",
        "bot/tasks",
        "bot/handoff",
        "bot/web",
        "flows/domain",
        "flows/catalogue.yml",
        "locales",
        "models/migrations",
        "tests/talks",
        "tests/bench",
        "docs/architecture.md",
        "docs/glossary.md",
        "docs/operating.md",
        "docs/flows.md",
        "docs/translating.md",
        "docs/adr",
    ],
)
def test_everything_is_where_a_newcomer_looks(name: str) -> None:
    """The layout is fixed: a room does not move without a version."""
    assert (ROOT / name).exists()


def test_data_folders_hold_no_code() -> None:
    """A new category, language or wording is a data change: flows/ and locales/ hold no Python."""
    assert [relative(path) for path in tracked("flows", "locales") if path.suffix == ".py"] == []


def test_app_is_small() -> None:
    """app.py only joins the parts: at most 80 lines."""
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) <= 80


def test_no_file_is_long() -> None:
    """No Python file has more than 400 lines: one idea a file."""
    lengths = {relative(path): path.read_text(encoding="utf-8").count("\n") for path in python_files()}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_no_function_is_long() -> None:
    """No function has more than 40 lines."""
    long = [
        f"{relative(path)}:{node.lineno} {node.name}"
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 40
    ]
    assert long == []


def test_names_say_something() -> None:
    """No file is named after nothing: manager, service, utils, helper, common."""
    assert [
        relative(path) for path in python_files() if path.stem in VAGUE or path.parent.name in VAGUE
    ] == []


def test_nothing_points_to_somebody_s_machine() -> None:
    """No file names a path of a developer's machine."""
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{relative(path)}: {match.group()}" for match in FOREIGN.finditer(text)]
    assert found == []


def test_no_number_of_a_real_person() -> None:
    """Invented numbers only: an Indian mobile number of ours begins with +9199999; 98-12345678 counts up."""
    mobile = re.compile(r"\+91(?!99999|9812345678)[6-9]\d{9}\b")
    found = [
        f"{relative(path)}: {match.group()}"
        for path in tracked("tests", "docs", "README.md", "bot", "flows", "locales")
        if path.suffix in {".py", ".yml", ".md", ".json", ".html", ".txt"}
        for match in mobile.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_talk_reads_no_clock() -> None:
    """engine, language, actions and messages get `now` as an argument and never ask for it."""
    asks = [
        f"{relative(path)}:{node.lineno}"
        for path in tracked(*PURE)
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time"}
    ]
    assert asks == []


def test_readme_is_short() -> None:
    """The README is read to its end: at most 120 lines."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.parametrize("name", [spec.name.upper() for spec in fields(Settings)])
def test_readme_names_every_setting(name: str) -> None:
    """Whoever runs the service finds every setting in the README."""
    assert f"`{name}`" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SECRETS)
def test_readme_marks_every_secret(name: str) -> None:
    """A setting without which the service refuses to start has its star."""
    assert f"`{name}` *" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_s_pictures_and_pages_exist() -> None:
    """Every link of the papers to a file of ours leads somewhere."""
    broken = []
    for page in tracked("*.md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{relative(page)}: {target}")
    assert broken == []


def test_make_help_lists_the_targets() -> None:
    """`make help` tells of every target that a person calls."""
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"setup", "run", "test", "check", "bench", "help"} <= {
        line.split()[0] for line in told.splitlines()
    }


@pytest.mark.parametrize(
    "line", requirement_lines("requirements.txt") + requirement_lines("requirements-dev.txt")
)
def test_every_requirement_is_pinned_and_has_its_reason(line: str) -> None:
    """A part is there for a reason that stands beside it, in one known version."""
    assert re.fullmatch(r"[\w.\-\[\]]+==[\w.]+ +# \S.{5,}", line)


def test_every_import_is_required_by_name() -> None:
    """What our code imports is listed, not had by luck through another part; what is listed is used."""
    names = {
        "argon2": "argon2-cffi",
        "flask": "flask",
        "flask_login": "flask-login",
        "flask_wtf": "flask-wtf",
        "indic_transliteration": "indic-transliteration",
        "PIL": "pillow",
        "prometheus_client": "prometheus-client",
        "psycopg": "psycopg",
        "rasa_sdk": "rasa-sdk",
        "ruamel": "ruamel.yaml",
    }
    listed = {
        re.split(r"[=\[]", line)[0].lower().replace("_", "-")
        for line in requirement_lines("requirements.txt")
    }
    imported = set()
    for path in tracked("app.py", "bot", "models"):
        if path.suffix == ".py":
            imported |= _imports(path)
    ours = {"app", "bot", "models", "__future__", "tests"}
    given = {
        "werkzeug": "flask",
        "jinja2": "flask",
        "markupsafe": "flask",
        "itsdangerous": "flask",
        "pydantic": "rasa-sdk",
    }
    third = {name for name in imported if name not in ours and name not in sys.stdlib_module_names}
    needed = {given.get(name) or names.get(name, name).lower().replace("_", "-") for name in third}
    assert needed - listed == set()
    # The driver and the transport are named in URLs, and the parser by ruamel.yaml: never imported by us.
    assert listed - needed - {"psycopg", "redis", "ruamel.yaml.clib"} == set()


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found
