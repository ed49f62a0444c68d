"""Run the whole portal on one machine: `python3 manage.py start`.

`place` says where and prepares it, `child` is one process and `fork` one that begins as
a copy of ours, `run` keeps them all going, `roles` is what runs inside each of them,
`welcome` waits for the first page.
"""
