"""HubSpot: from its exports to typed versions of its records."""
