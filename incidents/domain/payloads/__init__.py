"""What senders say: one parser a sender, each plain Python.

A parser takes the body as bytes and gives a list of Signals, or raises a
ParseError that names the field. Nothing else is ever raised, whatever comes.
"""
