"""`newshole serve`: the parent that listens and supervises, its workers, and what they tell of themselves.

parent   settings, listeners, supervisor, process, admin, totals
both     channel, a line of JSON each way over a socket pair
worker   worker, server, protocol, app, hosts, health, admission, garbage
"""
