"""One joint plan for all blocks of a page: spots, targets, bounds, solver, decisions.

The planner is pure: outline, story, rules and reader in, plan out; no clock, no store, no randomness.
"""
