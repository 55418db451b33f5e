"""Tables of the segments stage."""

import pandera.polars as pa
import polars as pl


class Membership(pa.DataFrameModel):
    """One row: one record in one segment tonight, or one that left it since the night before."""

    segment_id: str = pa.Field(description="HubSpot list id, or the name of a segment of data/segments.yaml")
    record_id: str = pa.Field(description="HubSpot record id")
    change: str = pa.Field(isin=["entered", "stayed", "left"], description="against the night before")
    since: str = pa.Field(nullable=True, description="first night of this unbroken stay")
    definition_hash: str = pa.Field(nullable=True, description="hash of the definition; another hash is no entry")
    source: str = pa.Field(isin=["delivered", "evaluated"], description="HubSpot's own list, or the definition")


class SegmentDefinition(pa.DataFrameModel):
    """One row: one list or segment tonight, where its members come from or why they cannot be known, and their number."""

    segment_id: str = pa.Field(description="HubSpot list id, or the name of a segment of data/segments.yaml")
    name: str = pa.Field(nullable=True, description="name")
    object: str = pa.Field(nullable=True, description="contact, company or deal; null: not in the lake")
    kind: str = pa.Field(
        isin=["active", "static", "unknown", "crosswalk"],
        description="HubSpot's list type (unknown: the list does not tell), or a segment of our own",
    )
    source: str = pa.Field(
        nullable=True,
        isin=["delivered", "evaluated"],
        description="where members come from; null: they cannot be known",
    )
    reasons: pl.List(pl.String) = pa.Field(description="why members cannot be known")  # type: ignore[valid-type]
    definition_hash: str = pa.Field(description="hash of the definition and of those it leads to")
    members: int = pa.Field(nullable=True, description="records in it tonight")
    entered: int = pa.Field(nullable=True, description="records that came in since the night before")
    left: int = pa.Field(nullable=True, description="records that left since the night before")
