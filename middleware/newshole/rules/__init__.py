"""The rules language: from YAML to what the planner reads."""
