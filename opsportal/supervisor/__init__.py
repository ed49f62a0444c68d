"""Run the whole portal on one machine: `python3 manage.py start`.

`place` says where and prepares it, `child` is one process, `run` keeps them all going,
`roles` is what runs inside each of them, `welcome` waits for the first page. All but
`roles` and `welcome` do without Django, so that the process that lives longest is small.
"""
