"""The demo: five services, their teams and 90 days of their life.

`arq`, `amas`, `qenergyz`, `architect` and `arca` are plain tables; `seed` writes
them through the services, `history` adds the past, and `target` plays the services
themselves, on this machine alone.
"""

# For everybody to know: the demo is reached from this machine alone.
LOGIN = ("engineer.a", "opsportal-demo")
