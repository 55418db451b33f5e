"""Filters of HubSpot's grammar: those that record tables can answer as models, the others as a table of names.

A filter that record tables cannot answer is checked as far as its operator and makes the segment not evaluable, with
its name; it is never read as an empty set.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictStr, model_validator

from schemas.segment_operations import Operation
from schemas.segment_time import Part
from schemas.segment_values import AssociationType, Count, Flag, ListId, Name

ListOperator = Literal["IN_LIST", "NOT_IN_LIST"]
Category = Literal["HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED", "WORK"]


@dataclass(frozen=True)
class PropertyFilter:
    """A property of the record, and what is asked of it. `kind` is the registry's name of the operation type."""

    property: str
    kind: str
    operation: Operation


class _Filter(Part):
    filter_type: StrictStr


class ListMetadata(Part):
    """What a list filter refers to when it is no list."""

    id: StrictStr | None = None
    in_list_type: Literal[
        "WORKFLOWS_ENROLLMENT",
        "WORKFLOWS_ACTIVE",
        "WORKFLOWS_GOAL",
        "WORKFLOWS_COMPLETED",
        "IMPORT",
        "DATASET",
        "DATASETS",
    ]


class InList(_Filter):
    """Member of another list; `metadata` names a workflow or an import instead."""

    list_id: ListId | None = None
    operator: ListOperator
    metadata: ListMetadata | list[ListMetadata] | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "InList":
        if self.list_id is None and not self.metadata:
            raise ValueError("names no list")
        return self

    @property
    def other(self) -> str | None:
        """What it refers to when it is no list, else None."""
        found = self.metadata[0] if isinstance(self.metadata, list) and self.metadata else self.metadata
        return found.in_list_type if isinstance(found, ListMetadata) else None


class Occurrences(Part):
    """How many, both bounds included."""

    type: Literal["NUM_OCCURRENCES"]
    min_occurrences: Count | None = None
    max_occurrences: Count | None = None


class SetOccurrences(Part):
    """Which of the associated records."""

    type: Literal["SET_OCCURRENCES"]
    set_type: Literal["ALL", "ALL_INCLUDE_EMPTY", "ANY", "ANY_INCLUDE_EMPTY", "NONE", "NONE_EXCLUDE_EMPTY"]


class OtherRefinement(Part):
    """A refinement by when something happened, which record tables do not know."""

    model_config = ConfigDict(extra="allow")
    type: Literal[
        "RELATIVE_COMPARATIVE", "RELATIVE_RANGED", "ABSOLUTE_COMPARATIVE", "ABSOLUTE_RANGED", "ALL_HISTORY",
        "TIME_POINT", "TIME_RANGED",
    ]  # fmt: skip


Refinement = Annotated[Occurrences | SetOccurrences | OtherRefinement, Field(discriminator="type")]


class AssociatedInList(_Filter):
    """An associated record is a member of a list."""

    list_id: ListId
    operator: ListOperator
    association_type_id: AssociationType
    association_category: Category
    to_object_type: StrictStr | None = None
    to_object_type_id: StrictStr | None = None
    coalescing_refine_by: Refinement | None = None


class PropertyAssociatedInList(_Filter):
    """The record whose id a property holds is a member of a list."""

    list_id: ListId
    operator: ListOperator
    property_with_object_id: Name
    to_object_type: StrictStr | None = None
    to_object_type_id: StrictStr | None = None
    coalescing_refine_by: Refinement | None = None


class NumberOfAssociations(_Filter):
    """How many distinct records are associated."""

    association_type_id: AssociationType
    association_category: Category
    to_object_type: StrictStr | None = None
    to_object_type_id: StrictStr | None = None
    coalescing_refine_by: Occurrences


class Constant(_Filter):
    """Everybody or nobody."""

    should_accept: Flag
    source: StrictStr | None = None


@dataclass(frozen=True)
class Unanswerable:
    """A filter or branch that record tables cannot answer: its type and what would be needed."""

    type: str
    needs: str
    raw: dict[str, Any]


EVALUABLE: dict[str, type[_Filter]] = {
    "IN_LIST": InList,
    "ASSOCIATION": AssociatedInList,
    "PROPERTY_ASSOCIATION": PropertyAssociatedInList,
    "NUM_ASSOCIATIONS": NumberOfAssociations,
    "CONSTANT": Constant,
}

_SUBMITTED = ("FILLED_OUT", "NOT_FILLED_OUT")
_CTA = ("CLICKED_CTA", "OPENED_CTA", "CLICKED_CTA_PLACEMENT", "OPENED_CTA_PLACEMENT")
_VIEWED = ("HAS_PAGEVIEW_EQ", "HAS_PAGEVIEW_CONTAINS", "HAS_PAGEVIEW_MATCHES_REGEX")

# Filter type -> (what record tables lack, its operators; none where the filter has no operator).
UNANSWERABLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "ADS_SEARCH": ("interactions with ads", ("CONTAINS", "IS_EQUAL_TO", "STARTS_WITH", "ENDS_WITH", "IS_KNOWN")),
    "ADS_TIME": ("interactions with ads", ()),
    "CAMPAIGN_INFLUENCED": ("influence of marketing campaigns", ()),
    "COMMUNICATION_SUBSCRIPTION": ("subscriptions", ()),
    "CTA": ("clicks on calls to action", tuple(f"{a}_{b}" for b in _CTA for a in ("HAS", "HAS_NOT"))),
    "EMAIL_EVENT": (
        "events of marketing e-mails",
        (
            "SENT", "RECEIVED", "OPENED", "LINK_CLICKED", "REPLIED", "BOUNCED", "UNSUBSCRIBED", "MARKED_SPAM",
            "RECEIVED_BUT_NOT_OPENED", "OPENED_BUT_LINK_NOT_CLICKED", "OPENED_BUT_NOT_REPLIED",
            "SENT_BUT_LINK_NOT_CLICKED", "SENT_BUT_NOT_RECEIVED",
        ),
    ),
    "EMAIL_SUBSCRIPTION": ("subscriptions", ()),
    "EVENT": ("events", ("HAS_EVENT", "NOT_HAS_EVENT")),
    "FORM_SUBMISSION": ("form submissions", _SUBMITTED),
    "FORM_SUBMISSION_ON_PAGE": ("form submissions", _SUBMITTED),
    "INTEGRATION_EVENT": ("events of integrations", ()),
    "PAGE_VIEW": ("page views", (*_VIEWED, *(f"NOT_{name}" for name in _VIEWED))),
    "PRIVACY": ("consents", ("PRIVACY_CONSENT_GRANTED", "PRIVACY_CONSENT_NOT_GRANTED")),
    "SURVEY_MONKEY": ("survey answers", ("HAS_RESPONDED_TO_SURVEY", "HAS_NOT_RESPONDED_TO_SURVEY")),
    "SURVEY_MONKEY_VALUE": ("survey answers", ("HAS_ANSWERED_SURVEY_QUESTION_WITH_VALUE",)),
    "UNIFIED_EVENTS": ("events", ()),
    "WEBINAR": (
        "webinar registrations",
        (
            "HAS_WEBINAR_REGISTRATION", "NOT_HAS_WEBINAR_REGISTRATION", "HAS_WEBINAR_ATTENDANCE",
            "NOT_HAS_WEBINAR_ATTENDANCE",
        ),
    ),
}  # fmt: skip

FILTER_TYPES = ("PROPERTY", *EVALUABLE, *UNANSWERABLE)
