"""The five services, in the order in which pages show them."""

from opsportal.demo import amas, arca, architect, arq, qenergyz

SERVICES = (
    arq.SERVICE,
    amas.SERVICE,
    qenergyz.SERVICE,
    architect.SERVICE,
    arca.SERVICE,
)
