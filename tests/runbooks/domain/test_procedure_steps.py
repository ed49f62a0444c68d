"""Steps come out of the runbooks' own ways of writing them."""

from runbooks.domain.procedure_steps import Step, read_steps

ARCHITECT = """**Steps**:

1. **Declare Incident**
   ```
   1. not a step
   ```

2. **Check Services**:
   - pods
   - logs
"""


def test_numbered_steps_keep_their_commands():
    assert read_steps(ARCHITECT) == [
        Step("Declare Incident", "```\n1. not a step\n```"),
        Step("Check Services", "- pods\n- logs"),
    ]


def test_bullets_are_steps_where_nothing_is_numbered():
    text = "Look:\n- [ ] Check `lag`\n* Restart it\n- ****\n"
    assert read_steps(text) == [Step("Check lag"), Step("Restart it")]


def test_prose_has_no_steps():
    assert read_steps("Call somebody.\n\n    1. code") == []
