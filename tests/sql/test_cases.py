"""Golden cases of the SQL files: input relations, the files that run on them, and the rows that must come out.

A case is a text file under `cases/`. `# name` begins a relation, `# run: a b` names SQL files by their stem, `# expect name`
the rows of a relation afterwards. The first line of a relation is its header, `column` or `column:TYPE` between bars; `-` is
null. Expected rows are compared as sets, on the columns that the header names.
"""

from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
CASES = sorted((Path(__file__).parent / "cases").rglob("*.txt"))
SQL = {path.stem: path for path in sorted(ROOT.glob("assets/*/sql/*.sql"))}


@pytest.mark.parametrize("path", CASES, ids=[f"{path.parent.name}/{path.stem}" for path in CASES])
def test_case(path: Path) -> None:
    expectations = 0
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for title, lines in blocks(path.read_text()):
            if title.startswith("run:"):
                for stem in title.removeprefix("run:").split():
                    con.execute(f"CREATE TABLE {stem} AS {SQL[stem].read_text()}")
            elif title.startswith("expect "):
                expect(con, title.removeprefix("expect ").strip(), lines)
                expectations += 1
            else:
                load(con, title, lines)
    assert expectations, f"{path} expects nothing"


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """The blocks of a case in their order: title and lines."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("# "):
            found.append((line[2:].strip(), []))
        elif line.strip() and not line.startswith("--"):
            found[-1][1].append(line)
    return found


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def load(con: duckdb.DuckDBPyConnection, name: str, lines: list[str]) -> None:
    header = [column.partition(":") for column in cells(lines[0])]
    columns = ", ".join(f"{column} {kind or 'VARCHAR'}" for column, _, kind in header)
    con.execute(f"CREATE TABLE {name} ({columns})")
    for line in lines[1:]:
        values = [None if cell == "-" else cell for cell in cells(line)]
        con.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(values))})", values)


def expect(con: duckdb.DuckDBPyConnection, name: str, lines: list[str]) -> None:
    header = cells(lines[0])
    texts = ", ".join(f"coalesce({column}::VARCHAR, '-')" for column in header)
    found = sorted(con.execute(f"SELECT {texts} FROM {name}").fetchall())
    assert found == sorted(tuple(cells(line)) for line in lines[1:])
