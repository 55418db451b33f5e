"""What data must look like: table models, the sync.yaml model, reason codes.

Imports no orchestrator and no database and does no I/O, so that every contract can be read and tested by itself.
"""
