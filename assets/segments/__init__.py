"""Segments: HubSpot's own list definitions, compiled to SQL and evaluated on the lake."""
