"""A naive interpreter of the rules for people: one record after the other, dictionaries and loops, no SQL.

It exists to be compared with what Crosswalk decides. Speed and size do not matter here; being readable beside the rule
catalogue does, so each branch names the rule it stands for.
"""
