"""A HubSpot portal and a Salesforce org on 127.0.0.1, for tests and for trying the product.

One process, in memory, with the contracts that the clients use: paging, the search cap, index lag, limits, merges, archived
records, Bulk jobs, tokens that expire, and any fault on demand. It is never its own judge: clients that nobody here wrote drive
it in tests/contract.
"""
