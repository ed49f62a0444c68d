"""Who holds the places of a turn, and who stands in for whoever is away."""

from collections.abc import Hashable, Iterator, Sequence

from oncall.domain.absence import AbsencePolicy

People = tuple[Hashable, ...]
Order = Sequence[Hashable]


def plan_places(members: Order, turn: int, count: int) -> list[People]:
    """Return who holds each of `count` places in a turn; () is an empty slot.

    The member whose turn it is comes first, then the next ones of the order. Nobody
    holds two places: a member of whom anybody serves already is passed over.
    """
    places: list[People] = []
    serving: set[Hashable] = set()
    for people in _order_from(members, turn):
        if serving.isdisjoint(people):
            serving.update(people)
            places.append(people)
            if len(places) == count:
                break
    return places


def fill_places(
    places: list[People],
    away: frozenset[Hashable],
    policy: AbsencePolicy,
    members: Order,
    turn: int,
) -> list[People]:
    """Return the places of a turn while people are `away`.

    A place that falls empty stays so, or goes with NEXT to the next member of the
    order who is present and has no place. Empty slots stay empty.
    """
    if policy is AbsencePolicy.WARN or not away:
        return places
    present = [_less(people, away) for people in places]
    if policy is AbsencePolicy.SKIP:
        return present
    serving = {person for people in present for person in people}
    for position, people in enumerate(places):
        if people and not present[position]:
            offers = (_less(each, away) for each in _order_from(members, turn))
            free = (each for each in offers if each and serving.isdisjoint(each))
            present[position] = next(free, ())
            serving.update(present[position])
    return present


def _order_from(members: Order, turn: int) -> Iterator[People]:
    size = len(members)
    for ahead in range(size):
        member = members[(turn + ahead) % size]
        if member is None:
            yield ()
        else:
            yield member if isinstance(member, tuple) else (member,)


def _less(people: People, away: frozenset[Hashable]) -> People:
    return tuple(person for person in people if person not in away)
