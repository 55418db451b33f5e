"""Why one record is in a segment or not: each branch and filter of its tree, and whether it holds for that record."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from assets.segments.catalog import Catalog
from assets.segments.compile import Compiler
from assets.segments.moment import Moment
from assets.segments.property_filters import record_select
from assets.segments.scope import Scope
from assets.segments.sentence import condition
from assets.segments.sqltext import text, written
from assets.shared.sql import Session
from schemas.segment_definition import OBJECT_TYPES
from schemas.segment_tree import Association, Branch, Leaf, PropertyAssociation

_NAMES = {"AND": "all of", "OR": "any of", "NOT_ALL": "not all of", "NOT_ANY": "none of"}
_COLUMNS = 500  # conditions asked in one statement


@dataclass(frozen=True)
class Line:
    """One condition: how deep in the tree, what it says, and whether it holds; inside an association, for any record there."""

    depth: int
    says: str
    holds: bool
    path: str


@dataclass(frozen=True)
class Explanation:
    """Whether a record is a member, condition by condition, and what the answer rests on."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    @property
    def member(self) -> bool:
        """Whether the whole tree holds."""
        return self.lines[0].holds


@dataclass(frozen=True)
class _Node:
    depth: int
    node: Branch | Leaf
    object: str
    around: tuple[Branch, ...]


def explain(
    session: Session,
    root: Branch,
    object_name: str,
    record_id: str,
    catalog: Catalog,
    moment: Moment,
    title: str | None,
) -> Explanation:
    """Explain a live record. Raises DefinitionError and NotEvaluable as the compiler does."""
    compiler = Compiler(catalog, moment, title)
    scope = compiler.scope(object_name)
    nodes = list(_nodes(root, object_name))
    conditions = [] if scope is None else [_condition(compiler, scope, found) for found in nodes]
    compiler.finish()
    assert scope is not None  # else `finish` has raised  # noqa: S101
    held: list[bool] = []
    for first in range(0, len(conditions), _COLUMNS):
        part = conditions[first : first + _COLUMNS]
        wanted = scope.record_id.eq(text(record_id))
        query = record_select(scope, exp.null(), [wanted])
        named = [c.as_(f"c{n}") for n, c in enumerate(part)]
        query = compiler.run.with_tables(query.select(*named, append=False, copy=False))
        rows = session.con.execute(written(query)).fetchall()
        held += [bool(value) for value in rows[0]]
    lines = [
        Line(found.depth, _says(found, catalog), holds, found.node.path)
        for found, holds in zip(nodes, held, strict=True)
    ]
    return Explanation(tuple(lines), tuple(compiler.run.notes))


def _nodes(root: Branch, object_name: str) -> Iterator[_Node]:
    """Branches and filters in the order they are read, with the associations around them."""
    waiting: list[_Node] = [_Node(0, root, object_name, ())]
    while waiting:
        found = waiting.pop()
        yield found
        branch = found.node
        if isinstance(branch, Leaf):
            continue
        inner, around = found.object, found.around
        if branch.link is not None:
            inner = OBJECT_TYPES.get(branch.link.object_type_id, inner)
            around = (*around, branch)
        below: list[Branch | Leaf] = [*branch.filters, *branch.branches]
        waiting.extend(_Node(found.depth + 1, node, inner, around) for node in reversed(below))


def _condition(compiler: Compiler, scope: Scope, found: _Node) -> exp.Expr:
    """The condition of a node on the record; inside associations, that an associated record meets it."""
    node = found.node
    for outer in reversed(found.around):
        filters, branches = ((node,), ()) if isinstance(node, Leaf) else ((), (node,))
        link = outer.link
        if isinstance(link, Association | PropertyAssociation):
            link = link.model_copy(update={"operator": "IN_LIST"})
        node = Branch(outer.path, outer.type, filters, branches, link)
    return compiler.leaf(node, scope) if isinstance(node, Leaf) else compiler.branch(node, scope)


def _says(found: _Node, catalog: Catalog) -> str:
    node = found.node
    if isinstance(node, Leaf) or node.unanswerable is not None:
        return condition(node, found.object, catalog)
    if node.link is not None:
        bare = Branch(node.path, node.type, (), (), node.link)
        return condition(bare, found.object, catalog) + (" where" if node.filters or node.branches else "")
    return _NAMES[node.type]
