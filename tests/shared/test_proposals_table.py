"""Each row of the requirements that names a check has it proposed, or a reason.

Reads ../shared beside the checkout, which does not ship.
"""

import re
from pathlib import Path

import pytest

from runbooks.domain.plan import read_plan
from runbooks.domain.proposals import propose_bound

pytestmark = pytest.mark.shared

DOCS = Path(__file__).resolve().parents[2] / "docs" / "runbooks-acceptance.md"
RUNBOOKS = {
    "A": "arq",
    "B": "amas",
    "C": "qenergyz",
    "D": "architect",
    "E": "arca",
}
# What the table calls the kinds that the import proposes.
NAMES = {
    "prometheus": r"prom|own http check",
    "heartbeat": "heartbeat|report|as A02",
    "internal": "internal",
    "tls": "tls",
    "http": "http",
    "sql": "sql",
    "file": "object_age|file_age|as A02",
}
OURS, BAD = "value == 0", "value <= 1.1 * "
FRESH = "age < 26h and exit_code == 0"
WHOLE = ("file", "age < 26h and size >= 0.5 * median_size and size > 0")

# Of each item: line, mode, kind, condition, source or "", and what stands beside it.
ITEMS = {
    "A01": (116, "S", "internal", OURS, "alerts_reviewed"),
    "A02": (117, "A", "heartbeat", FRESH, "", WHOLE),
    "A03": (118, "A", "prometheus", "value < 100ms", ""),
    "A04": (119, "A", "prometheus", "value < 0.1%", ""),
    "A05": (120, "A", "prometheus", "value > 85%", ""),
    "A06": (121, "A", "tls", "cert_days > 30 and valid", ""),
    "A07": (
        122, "A", "prometheus", "value <= 80%", "",
        ("prometheus", "abs(delta(24h)) <= 5%"),
        ("prometheus", "days_to_full(100%, 24h) > 7d"),
    ),
    "A08": (123, "S", "sql", "value <= 1.5 * baseline(7d)", ""),
    "A09": (124, "A", "prometheus", OURS, "", ("prometheus", "")),
    "A10": (125, "A", "internal", OURS, "oncall_coverage"),
    "A11": (128, "S", "prometheus", f"{BAD}ago(7d)", ""),
    "A12": (
        129, "S", "prometheus", "value < 70%", "",
        ("prometheus", "value < 80%"), ("prometheus", "value <= 80%"),
        ("prometheus", "days_to_full(100%, 7d) > 30d"),
    ),
    "A13": (130, "S", "prometheus", f"{BAD}baseline(28d)", ""),
    "A14": (131, "M"),
    "A15": (132, "S", "internal", "value >= 1", "drills"),
    "A16": (133, "S", "internal", OURS, "runbooks_reviewed"),
    "A17": (134, "M"),
    "B01": (
        36, "A", "http",
        'status == 200 and json("$.status") == "ok" and age(json("$.timestamp")) < 5m',
        "",
    ),
    "B20": (461, "S", "internal", OURS, "repeated_alerts"),
    "B21": (462, "A", "sql", "delta(7d) <= 1.25 * delta(28d) / 4", ""),
    "B22": (463, "A", "heartbeat", 'age < 7d and json("$.rows") > 0', ""),
    "B23": (475, "S", "heartbeat", "age < 24h and exit_code == 0", ""),
    "B24": (476, "S", "internal", OURS, "unreviewed_incidents"),
    "B25": (477, "S", "internal", OURS, "runbooks_reviewed"),
    "B30": (487, "S", "internal", OURS, "repeated_alerts"),
    "B31": (488, "A", "sql", OURS, ""),
    "B32": (489, "S", "heartbeat", 'age < 31d and json("$.ratio") <= 1.1', ""),
    "B33": (490, "S", "heartbeat", 'age < 7d and json("$.critical") == 0', ""),
    "B40": (503, "S", "heartbeat", "age < 92d and exit_code == 0", ""),
    "B41": (504, "S", "internal", "value >= 1", "drills"),
    "B42": (
        505, "S", "prometheus", "value <= 70%", "",
        ("prometheus", "value <= 80%"), ("prometheus", "days_to_full(100%, 7d) > 30d"),
    ),
    "B43": (506, "S", "internal", OURS, "repeated_alerts"),
    "C01": (471, "S", "internal", OURS, "alerts_reviewed"),
    "C02": (472, "S", "internal", OURS, "service_checks"),
    "C03": (473, "A", "heartbeat", FRESH, "", WHOLE),
    "C04": (474, "A", "prometheus", "value < 0.1%", ""),
    "C05": (477, "S", "prometheus", f"{BAD}ago(7d)", ""),
    "C06": (478, "S", "internal", OURS, "repeated_alerts"),
    "C07": (
        479, "A", "prometheus", "value < 70%", "",
        ("prometheus", "value < 80%"), ("sql", "value < 80%"),
    ),
    "C08": (480, "S", "internal", OURS, "alerts_reviewed"),
    "C09": (483, "S", "internal", OURS, "unreviewed_incidents"),
    "C10": (484, "S", "internal", OURS, "runbooks_reviewed"),
    "C11": (485, "S", "internal", OURS, "repeated_alerts"),
    "C12": (
        486, "S", "prometheus", "value < 70%", "",
        ("prometheus", "value < 80%"), ("prometheus", "days_to_full(100%, 7d) > 30d"),
    ),
    "E03": (186, "S", "internal", "value >= 1", "drills"),
}  # fmt: skip

# Of each metric: line and what the check of its threshold passes by.
METRICS = {
    "A20": ((18, "value >= 1000/s"),),
    "A21": (
        (19, "value < 0.1%"), (52, "value <= 1%"), (61, "value <= 0.5%"),
        (70, "value <= 0.1%"),
    ),
    "A22": (
        (20, "value < 200ms"), (20, "value < 1s"), (20, "value < 2s"),
        (54, "value <= 5s"), (63, "value <= 2s"), (71, "value <= 1s"),
    ),
    "A25": ((23, "value > 85%"), (43, "value > 85%"), (65, "value >= 70%")),
    "A26": ((64, "value <= 80%"),),
    "A27": ((27, "value < 500ms"),),
    "A29": ((29, "value < 100ms"), (55, "value <= 1s")),
    "A32": ((67, "value <= 1.5 * baseline(7d)"),),
    "A33": ((35, "value < 70%"), (56, "value <= 90%")),
    "A34": ((36, "value < 80%"), (57, "value >= 10%")),
    "A35": ((37, "value <= 80%"), (58, "value <= 95%"), (72, "value <= 80%")),
    "A37": ((39, "value == 0"),),
    "A40": ((47, "value < 5ms"),),
    "A41": ((53, "value >= 99%"), (62, "value >= 99.5%")),
    "B50": ((306, "value >= 1000/s"), (306, "value >= 800/s")),
    "B51": ((307, "value < 200ms"), (307, "value <= 250ms"), (324, "value <= 200ms")),
    "B52": ((308, "value < 500ms"), (308, "value <= 600ms")),
    "B53": ((309, "value < 1%"), (309, "value <= 2%")),
    "B54": ((310, "value < 100ms"), (310, "value <= 150ms")),
    "B55": ((311, "value > 80%"), (311, "value >= 60%")),
    "B56": ((322, "value <= 70%"), (323, "value <= 80%")),
    "C20": ((29, "value < 200ms"), (30, "value <= 500ms"), (31, "value <= 1000ms")),
    "C21": ((46, "value < 0.1%"), (47, "value <= 1%"), (48, "value <= 5%")),
    "C22": (
        (63, "value between 100/min and 1000/min"), (64, "value >= 50/min"),
        (65, "value >= 10/min"),
    ),
    "C23": ((70, "value < 70%"), (71, "value <= 80%"), (72, "value <= 90%")),
    "C24": ((75, "value < 80%"), (76, "value <= 85%"), (77, "value <= 95%")),
    "C25": ((80, "value < 75%"),),
    "C26": ((81, "value < 80%"),),
    "C27": ((82, "value < 10ms"),),
    "C29": ((459, "value <= 70%"), (460, "value >= 30%"), (461, "value <= 80%")),
    "E08": ((258, "value < 50%"),),
    "E20": ((249, "value >= 99.95%"),),
    "E21": ((250, "value < 200ms"),),
    "E22": ((251, "value < 0.1%"),),
    "E23": ((252, "value < 50ms"),),
    "E24": ((253, "value > 99%"),),
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(shared):
    """What section 2 says of each row, by its reference."""
    page = (shared / "requirements" / "checklists-and-checks.md").read_text()
    section = page[page.index("### 2.1") : page.index("Threshold rule [D]")]
    found = {}
    for line in section.splitlines():
        if match := re.match(r"\| ([A-E]\d\d) \|(.*)\|\s*$", line):
            found[match[1]] = match[2]
        elif not line.startswith("|"):
            parts = re.split(r"(?:^|[·:;] |add )(?=[A-EI]\d\d )", line)
            named = (part for part in parts if re.match(r"[A-EI]\d\d ", part))
            found |= {part[:3]: part[4:] for part in named}
    return found


@pytest.fixture(scope="module")
def plans(shared):
    folder = shared / "runbooks"
    return {
        letter: read_plan((folder / f"{name}.md").read_bytes())
        for letter, name in RUNBOOKS.items()
    }


@pytest.fixture(scope="module")
def reasons():
    """The rows that are not met as they stand, with why, from the page of the docs."""
    page = DOCS.read_text()
    table = page[page.index("## Checks that are proposed") :]
    found = {}
    for refs, reason in re.findall(
        r"^\| ([A-EI]\d\d[^|]*) \| (.+) \|$", table, re.MULTILINE
    ):
        for first, last in re.findall(r"([A-EI]\d\d)(?:-([A-EI]\d\d))?", refs):
            end = int((last or first)[1:])
            numbers = range(int(first[1:]), end + 1)
            found |= {f"{first[0]}{each:02}": reason for each in numbers}
    return found


def items_of(plan):
    return {item.line: item for each in plan.checklists for item in each.items}


def test_every_row_is_proposed_or_named_with_its_reason(rows, reasons):
    assert len(rows) > 130
    told = set(ITEMS) | set(METRICS)
    assert set(rows) - told - set(reasons) == set()
    assert set(reasons) <= set(rows)
    assert all(len(reason) > 15 for reason in reasons.values())


def test_every_item_of_the_five_is_a_row(plans):
    for letter, plan in plans.items():
        asked = {row[0] for ref, row in ITEMS.items() if ref[0] == letter}
        assert set(items_of(plan)) == asked, letter


@pytest.mark.parametrize("ref", ITEMS)
def test_an_item_is_proposed_its_check(plans, ref):
    line, mode, *expected = ITEMS[ref]
    check = items_of(plans[ref[0]])[line].check
    if mode == "M":
        assert check is None
        return
    kind, condition, source, *beside = expected
    assert (check.kind, check.condition) == (kind, condition)
    assert (check.spec or {}).get("source", "") == source
    assert [(each.kind, each.condition) for each in check.beside] == beside
    assert check.is_assisted is (mode == "S")
    assert check.confidence < 1


@pytest.mark.parametrize("ref", METRICS)
def test_a_metric_is_read_with_the_check_that_watches_it(plans, ref):
    found = {
        (each.line, check[1])
        for each in plans[ref[0]].thresholds
        if (check := propose_bound(each))
    }
    assert set(METRICS[ref]) <= found


@pytest.mark.parametrize("ref", ITEMS)
def test_kind_and_mode_are_those_that_the_row_names(rows, reasons, ref):
    _, mode, *expected = ITEMS[ref]
    cells = [cell.strip() for cell in rows[ref].split("|")]
    # With a cadence of its own, the mode stands one cell further on.
    modes = next(
        set(re.findall(r"\b[ASM]\b", cell.replace("(S)", " S ")))
        for cell in cells[1:]
        if re.match(r"[ASM]\b", cell) and not cell.startswith("AP")
    )
    assert mode in modes or ref in reasons, (ref, modes)
    kinds = [expected[0], *(kind for kind, _ in expected[3:])] if expected else []
    text = " ".join(cells)
    wrong = [each for each in kinds if not re.search(NAMES[each], text)]
    assert wrong == [] or ref in reasons, (ref, wrong, text)


def test_what_was_made_up_has_no_row(plans):
    for letter in "DE":
        texts = {item.text for item in items_of(plans[letter]).values()}
        assert texts <= {"Quarterly DR drills"}
