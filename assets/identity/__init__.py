"""Who is who: the links that the rules make, and what else might be the same person or company."""
