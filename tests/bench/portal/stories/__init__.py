"""All planted families, a module for each part of the rule catalogue."""

from tests.bench.portal.stories import companies, fields, identity, lifecycle, messy, removal, segment
from tests.bench.portal.story import Story

STORIES: tuple[Story, ...] = (
    *fields.STORIES,
    *segment.STORIES,
    *identity.STORIES,
    *removal.STORIES,
    *lifecycle.STORIES,
    *messy.STORIES,
)

COMPANY_STORIES: tuple[Story, ...] = companies.STORIES
