"""Tags of every page."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone
from lucide import IconDoesNotExist

from opsportal.kit.charts import Day, Point

NOW = datetime(2026, 11, 21, 8, 6, tzinfo=UTC)


def show(source, **context):
    return Template(source).render(Context(context))


def test_an_icon_is_hidden_unless_it_has_something_to_say():
    assert 'aria-hidden="true"' in show('{% icon "siren" %}')
    spoken = show('{% icon "siren" label %}', label="<Alarm>")
    assert 'role="img" aria-label="&lt;Alarm&gt;"' in spoken
    assert "aria-hidden" not in spoken


def test_an_icon_takes_the_colour_of_its_text():
    drawing = show('{% icon "siren" %}')
    assert 'stroke="currentColor"' in drawing
    assert drawing.startswith("<svg ")
    assert drawing.endswith("</svg>")


def test_a_wrong_icon_is_found_at_once():
    with pytest.raises(IconDoesNotExist):
        show('{% icon "no-such-icon" %}')


def test_a_moment_shows_the_viewers_clock_and_tells_the_teams():
    team = SimpleNamespace(time_zone="America/New_York")
    with timezone.override(ZoneInfo("Europe/Berlin")):
        shown = show("{% when m %}", m=NOW, now=NOW, team=team)
    assert shown == (
        '<time datetime="2026-11-21T08:06:00+00:00"'
        ' title="Sat 21 Nov 2026 03:06 America/New_York">09:06</time>'
    )


@pytest.mark.parametrize(
    "team",
    [{"time_zone": "Asia/Tokyo"}, SimpleNamespace(time_zone=ZoneInfo("Asia/Tokyo"))],
)
def test_a_team_may_say_its_zone_in_any_form(team):
    assert "17:06 Asia/Tokyo" in show("{% when m %}", m=NOW, now=NOW, team=team)


def test_without_a_team_the_viewers_zone_is_the_title():
    assert "08:06 UTC" in show("{% when m %}", m=NOW, now=NOW)


def test_a_moment_that_never_was_is_a_dash():
    assert show("{% when m %}{% relative m %}", m=None, now=NOW) == "\N{EN DASH}" * 2
    assert show("{% duration m %}", m=None) == "\N{EN DASH}"


def test_a_distance_needs_a_now_and_else_the_moment_itself_shows():
    later = NOW + timedelta(minutes=54)
    shown = show("{% relative m %}", m=later, now=NOW)
    assert "data-relative>in 54 min<" in shown
    assert ">21 Nov 2026 09:00<" in show("{% relative m %}", m=later)
    assert show("{% distance m as d %}due {{ d }}", m=later, now=NOW) == "due in 54 min"
    assert show("{% distance m %}", m=later) == ""


def test_lengths_read_short():
    assert show("{% duration d %}", d=timedelta(hours=2, minutes=5)) == "2 h 5 min"


def test_drawings_are_tags():
    day = Day(date(2026, 11, 21), "ok", "operational")
    page = show(
        '{% ring 5 7 "ok" %}{% sparkline values threshold=100 unit="ms" %}'
        '{% line_chart points "Lag" unit="ms" %}{% status_strip days %}'
        '{% heatmap days "Completion" %}',
        values=[1, 2],
        points=[Point(NOW, 1)],
        days=[day],
    )
    for kind in ("ring ok", "spark", "plot", "strip", "heat"):
        assert f'class="{kind}' in page or f" {kind}" in page


def test_markdown_is_safe_and_nothing_is_nothing():
    assert show("{{ t|markdown }}", t="**a**<b>") == (
        "<p><strong>a</strong>&lt;b&gt;</p>\n"
    )
    assert show("{{ t|markdown }}", t=None) == ""


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Engineer A", "EA"), ("ops", "OP"), ("A B C", "AC"), ("", ""), (" x ", "X")],
)
def test_an_avatar_has_two_letters(name, letters):
    assert show("{{ n|initials }}", n=name) == letters


def test_a_message_without_an_undo_has_none():
    assert show("{{ m|undo_url }}", m=SimpleNamespace(extra_tags="undo=/x/")) == "/x/"
    assert show("{{ m|undo_url }}", m="plain") == ""


def test_the_theme_is_known_even_without_a_request(rf):
    assert show("{% theme %}") == "auto"
    rf.cookies["theme"] = "dark"
    assert show("{% theme %}", request=rf.get("/")) == "dark"


def test_a_card_wraps_what_it_holds_and_escapes_its_title():
    card = show(
        '{% card t note=n extra="run" %}<i>x</i>{% endcard %}', t="<T>", n="2 & more"
    )
    assert card == (
        '<section class="card run"><div class="card-head"><h2>&lt;T&gt;</h2>'
        '<span class="small dim">2 &amp; more</span></div><i>x</i></section>'
    )


def test_a_card_may_have_no_title():
    assert show("{% card %}x{% endcard %}") == '<section class="card ">x</section>'
    assert "<h3>T</h3>" in show('{% card "T" level=3 %}x{% endcard %}')
