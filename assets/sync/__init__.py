"""Deciding: what a correct integration would change tonight, on which side, and why (design section 6)."""
