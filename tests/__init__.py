"""The tests. A package of the regular kind, since packages that tests need bring a `tests` of their own."""
