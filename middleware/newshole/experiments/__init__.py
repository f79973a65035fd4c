"""Experiments on placement: who gets which arm, where the arms differ, and what came of it."""
