"""What exists: one folder a stage, each with its code, its SQL and its Dagster shell."""
