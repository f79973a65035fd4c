"""What came of an experiment: estimates, intervals that stay right while people look, and whether the test
itself is sound. Pure, on the standard library; the middleware never imports it.
"""
