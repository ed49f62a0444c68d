"""A process that plays the services of the demo, on this machine alone.

It says in every answer that it is a demo.
"""
