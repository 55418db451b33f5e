"""Lists that a definition refers to: HubSpot's own members where they were delivered, else the list's definition.

A list that is missing, of another object, still processing, or static without members is refused, each in its own words,
and so are lists that lead back to themselves; none is ever read as a list without members.
"""

from collections.abc import Callable

from sqlglot import exp

from assets.segments.catalog import KnownList
from assets.segments.scope import Run, Scope
from assets.segments.sqltext import all_of, column, text
from schemas.segment_parse import parse_branch
from schemas.segment_problems import DefinitionError, DefinitionProblem, shown
from schemas.segment_tree import Branch, referenced_lists

Members = Callable[[Branch, str, str], exp.Select]
MOST_BEHIND = 50  # lists that lead to each other: each is inside the one before, and nesting has an end


class ListMembers:
    """Members of lists, each compiled once, as common table expressions of the statement they are used in."""

    def __init__(self, run: Run, compile_members: Members, title: str | None) -> None:
        self._run = run
        self._compile = compile_members
        self._title = title
        self._trees: dict[str, Branch | DefinitionError] = {}
        self._behind = 0

    def among(self, record_id: exp.Expr, list_id: str, object_name: str | None, path: str, scope: Scope) -> exp.Expr:
        """Whether a record, of `object_name`, is a member; problems go to the run."""
        where = f"{scope.where}{path}"
        known = self._run.catalog.lists.get(list_id)
        problem = self._circle(list_id) or refusal(known, list_id, object_name)
        if problem is not None or known is None:
            self._run.problems.append(DefinitionProblem(f"{where}.listId", problem or ""))
            return exp.false()
        query = self._delivered(list_id) if known.delivered else self._evaluated(list_id, known)
        return exp.false() if query is None else exp.In(this=record_id.copy(), query=exp.Subquery(this=query))

    def _delivered(self, list_id: str) -> exp.Select:
        rows = exp.select(column("recordId")).from_(exp.to_table(self._run.catalog.membership), copy=False)
        live = column("op").eq(text("upsert"))
        return rows.where(all_of([column("listId").eq(text(list_id)), live]), copy=False)

    def _evaluated(self, list_id: str, known: KnownList) -> exp.Select | None:
        """A query of the members by the list's definition; None when the run got its problems instead."""
        name, where = f"list_{list_id}", f"list {list_id} "
        if name in self._run.tables:
            return self._run.keep(name, self._run.tables[name])
        tree = self._tree(list_id, known)
        if isinstance(tree, DefinitionError):
            self._run.problems += [DefinitionProblem(where + p.path, p.message) for p in tree.problems]
            return None
        if self._behind == MOST_BEHIND:
            message = f"is more than {MOST_BEHIND} lists behind the one that leads to it"
            self._run.problems.append(DefinitionProblem(f"list {list_id}", message))
            return None
        self._behind += 1
        try:
            return self._run.keep(name, self._compile(tree, str(known.definition.object), where))
        finally:
            self._behind -= 1

    def _tree(self, list_id: str, known: KnownList) -> Branch | DefinitionError:
        """A list's tree, or why it has none."""
        if list_id not in self._trees:
            try:
                self._trees[list_id] = parse_branch(known.definition.branch)
            except DefinitionError as error:
                self._trees[list_id] = error
        return self._trees[list_id]

    def _circle(self, list_id: str) -> str | None:
        """What is wrong with a list that leads back to itself or to the list being compiled."""
        waiting: list[tuple[str, tuple[str, ...]]] = [(list_id, (self._title, list_id) if self._title else (list_id,))]
        done: set[str] = set()
        while waiting:
            here, trail = waiting.pop()
            if here in trail[:-1]:
                return f"lists refer to each other in a circle: {' -> '.join(trail[trail.index(here) :])}"
            if here in done:
                continue
            done.add(here)
            known = self._run.catalog.lists.get(here)
            if known is None or known.definition.branch is None:
                continue
            tree = self._tree(here, known)
            found = [] if isinstance(tree, DefinitionError) else referenced_lists(tree)
            waiting += [(other, (*trail, other)) for _, other in found]
        return None


def refusal(known: KnownList | None, list_id: str, object_name: str | None) -> str | None:
    """Why a list's members cannot be used; None where they can."""
    if known is None:
        return f"list {shown(list_id)} is not among the exported lists"
    definition = known.definition
    if object_name is not None and definition.object != object_name:
        what = definition.object or f"object type {definition.object_type_id}"
        return f"{definition.title} holds records of another object ({what}, not {object_name})"
    if definition.processing:
        return f"{definition.title} is still processing in HubSpot ({definition.processing_status})"
    if known.delivered:
        return None
    if definition.static:
        return f"{definition.title} is static and its members were not exported"
    if definition.branch is None:
        return f"{definition.title} was exported without its filters and without its members"
    return None
