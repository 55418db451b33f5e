"""Table of the segments stage."""

import pandera.polars as pa


class Membership(pa.DataFrameModel):
    """One row: one record in one segment tonight, or one that left it since the night before."""

    segment_id: str = pa.Field(description="HubSpot list id, or the name of a segment of data/segments.yaml")
    record_id: str = pa.Field(description="HubSpot record id")
    change: str = pa.Field(isin=["entered", "stayed", "left"], description="against the night before")
    since: str = pa.Field(nullable=True, description="first night of this unbroken stay")
    definition_hash: str = pa.Field(nullable=True, description="hash of the definition; another hash is no entry")
    source: str = pa.Field(isin=["delivered", "evaluated"], description="HubSpot's own list, or the definition")
