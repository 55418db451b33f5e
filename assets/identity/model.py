"""The matching model as data: fields, levels of likeness, and how often each level is seen between which kinds of records.

Two records may be one entity (`match`), strangers, or related otherwise: people of one household, colleagues, companies in
one building. A field's `m` are the shares of its levels among matches, `u` among strangers; `other` by kind of relation where
that differs from strangers. A level in `value_levels` has no fixed `u`: the share of records with the very value agreed on
takes its place. `strangers` is the part of the other records with a value that are strangers: all of them have a first name
by chance, but a company's name is mostly its own. `u` of a `fixed` field is never learnt to be smaller: random pairs cannot
show that two people of one name have similar addresses. `m` of a `steady` field is not learnt: a file full of branches and
sister companies would teach that one company has several names. Of an `own` field (one that an entity hardly ever has twice)
`different` is never learnt to be more than twice as common among matches as shipped: twins, and fathers and sons of one name,
would teach it.
"""

from dataclasses import dataclass, field, replace
from typing import Any

Shares = tuple[float, ...]


@dataclass(frozen=True)
class Field:
    """One compared key. Shares are per level, in the order of `levels`; level 1 is the first, 0 means not comparable."""

    levels: tuple[str, ...]
    m: Shares
    u: Shares
    value_levels: tuple[int, ...] = ()
    floor: float = 1e-6
    strangers: float = 1.0
    unique: bool = False
    fixed: bool = False
    steady: bool = False
    own: bool = False
    group: str | None = None
    other: dict[str, Shares] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """Fields and priors. `partners` is the expected number of partners of a record, by kind of relation.

    `link` is the weight (log2 odds) from which a pair is one entity; learning raises it until the share `precision` of the pairs
    from there on is expected to be right. `review` is the weight from which a person should look at it,
    `contradiction` the evidence (weight without the prior) from which two records never share a cluster.
    """

    version: str
    fields: dict[str, Field]
    partners: dict[str, float]
    share_of_rest: float
    link: float
    precision: float
    review: float
    contradiction: float
    largest: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """Relations other than a match that explain likeness."""
        return tuple(kind for kind in self.partners if kind != "match")

    def fitted(self, m: dict[str, Shares], u: dict[str, Shares], partners: dict[str, float]) -> "Model":
        """The same model with other shares for some fields, and other priors."""
        fields = {name: replace(f, m=m.get(name, f.m), u=u.get(name, f.u)) for name, f in self.fields.items()}
        return replace(self, fields=fields, partners=partners)


def parse(data: dict[str, Any]) -> Model:
    """A model from its JSON form. Raises KeyError or ValueError for a file that is not one."""
    return Model(
        version=data["version"],
        fields={name: _field(name, value, data["partners"]) for name, value in data["fields"].items()},
        partners={kind: float(rate) for kind, rate in data["partners"].items()},
        share_of_rest=float(data["share_of_rest"]),
        link=float(data["link"]),
        precision=float(data.get("precision", 0.0)),
        review=float(data["review"]),
        contradiction=float(data["contradiction"]),
        largest=int(data["largest_cluster"]),
    )


def dump(model: Model) -> dict[str, Any]:
    """The JSON form of a model, as stored beside a night's pairs."""
    fields = {
        name: {
            "levels": list(f.levels), "m": list(f.m), "u": list(f.u), "value_levels": list(f.value_levels), "floor": f.floor,
            "strangers": f.strangers, "unique": f.unique, "fixed": f.fixed,
            "steady": f.steady, "own": f.own, "group": f.group, **{kind: list(s) for kind, s in f.other.items()},
        }
        for name, f in model.fields.items()
    }  # fmt: skip
    return {
        "version": model.version, "partners": model.partners, "share_of_rest": model.share_of_rest, "link": model.link,
        "precision": model.precision,
        "review": model.review, "contradiction": model.contradiction, "largest_cluster": model.largest, "fields": fields,
    }  # fmt: skip


def _field(name: str, data: dict[str, Any], partners: dict[str, Any]) -> Field:
    shares = {key: tuple(map(float, data[key])) for key in ("m", "u", *partners) if key in data}
    if any(len(s) != len(data["levels"]) or min(s) < 0 for s in shares.values()):
        raise ValueError(f"field {name}: one non-negative share a level is needed")
    return Field(
        levels=tuple(data["levels"]),
        m=shares["m"],
        u=shares["u"],
        value_levels=tuple(data.get("value_levels", ())),
        floor=float(data.get("floor", 1e-6)),
        strangers=float(data.get("strangers", 1.0)),
        unique=bool(data.get("unique", False)),
        fixed=bool(data.get("fixed", False)),
        steady=bool(data.get("steady", False)),
        own=bool(data.get("own", False)),
        group=data.get("group"),
        other={kind: s for kind, s in shares.items() if kind not in ("m", "u")},
    )
