"""The API of oncall: one module a part, all under one tag."""

from ninja import Router

from oncall.api import (
    absences,
    feeds,
    handoffs,
    load,
    messages,
    overrides,
    people,
    policies,
    rosters,
    schedules,
    swaps,
)

router = Router(tags=["on call"])
router.add_router("", schedules.router)
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
