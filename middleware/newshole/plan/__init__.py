"""One joint plan for all blocks of a page: spots, targets, bounds, solver, decisions.

The planner is pure: outline, rules, what is refused, and the heights of ads in, plan out; no clock, no store,
no randomness.
"""
