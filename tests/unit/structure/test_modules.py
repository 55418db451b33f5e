"""Conventions that a reader may rely on, enforced."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = sorted(path for folder in ("schemas", "assets", "pipelines") for path in (ROOT / folder).rglob("*.py"))
SQL = sorted((ROOT / "assets").rglob("*.sql"))
CEILING = 300
SHELLS = {"assets.py", "checks.py", "resource.py"}
SHARED_SHELLS = {"assets/shared/partitions.py", "assets/shared/metadata.py", "assets/shared/resource.py"}
PURE = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in ("schemas", "assets")]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """Top-level packages a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def attributes(path: Path) -> set[str]:
    """Dotted names a module uses, `os.getenv` say."""
    return {ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_module_fits_on_a_few_screens(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= CEILING


@pytest.mark.parametrize("path", [p for p in SOURCES if p.name != "__main__.py"], ids=name)
def test_a_module_says_what_belongs_in_it(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", [p for p in PURE if p.name not in SHELLS and name(p) not in SHARED_SHELLS], ids=name)
def test_only_shells_know_dagster(path: Path) -> None:
    assert "dagster" not in imported(path)


@pytest.mark.parametrize("path", PURE, ids=name)
def test_no_stage_reads_the_environment_or_the_clock(path: Path) -> None:
    forbidden = {
        "os.getenv",
        "os.environ",
        "datetime.now",
        "datetime.utcnow",
        "date.today",
        "time.time",
        "time.monotonic",
    }
    used = attributes(path)
    assert not {a for a in used if a in forbidden or a.startswith("os.environ.")}


@pytest.mark.parametrize("path", SQL, ids=name)
def test_a_relation_has_one_statement_and_says_what_a_row_is(path: Path) -> None:
    text = path.read_text()
    assert text.lstrip().startswith("--")
    assert ";" not in re.sub(r"--[^\n]*|'[^']*'", "", text).rstrip().rstrip(";")


@pytest.mark.parametrize("path", SQL, ids=name)
def test_sql_keeps_to_what_carries_over(path: Path) -> None:
    text = re.sub(r"--[^\n]*|'[^']*'", "", path.read_text()).lower()
    for word in (
        "asof join",
        "positional join",
        "columns(",
        "unpivot",
        "epoch_ms",
        "nfc_normalize",
        "now()",
        "current_date",
    ):
        assert word not in text
    assert not re.search(r"\$\w", text)


def test_imports_run_one_way() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_unfinished_is_committed() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert [name(path) for path in SOURCES if words.search(path.read_text())] == []


def test_the_code_location_is_named_in_one_place() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert not re.search(r"^\[tool\.(dg|dagster)\b", text, re.M)
    assert "pipelines.definitions" in (ROOT / "workspace.yaml").read_text()


def test_locks_name_no_registry() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|--find-links)|https?://", text, re.M), lock.name
