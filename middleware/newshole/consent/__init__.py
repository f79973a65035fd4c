"""What readers have agreed to, as far as the server decides by it: TC strings, signals, and their word.

Pure: strings, settings and the time are passed in.
"""
