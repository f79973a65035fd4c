"""What readers have agreed to, as far as the server decides by it: TC strings, signals, and the word for both.

Pure: strings, settings and the time are passed in.
"""
