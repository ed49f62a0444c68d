"""The API of oncall: one module a part, all under one tag."""

from ninja import Router

from oncall.api import (
    absence_feeds,
    absences,
    contacts,
    feeds,
    handoffs,
    imports,
    load,
    messages,
    overrides,
    people,
    planning,
    policies,
    rosters,
    schedules,
    services,
    swaps,
)

router = Router(tags=["on call"])
router.add_router("", schedules.router)
router.add_router("", services.router)
router.add_router("", rosters.router)
router.add_router("", swaps.router)
router.add_router("", overrides.router)
router.add_router("", policies.router)
router.add_router("", handoffs.router)
router.add_router("", people.router)
router.add_router("", load.router)
router.add_router("", messages.router)
router.add_router("", absences.router)
router.add_router("", feeds.router)
router.add_router("", absence_feeds.router)
router.add_router("", contacts.router)
router.add_router("", imports.router)
router.add_router("", planning.router)
