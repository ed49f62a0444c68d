"""Looking at things: one file a kind of check, and the engine that runs them."""

from checklists.probes.cloudwatch import CloudWatchProbe
from checklists.probes.dns import DnsProbe
from checklists.probes.file import FileProbe
from checklists.probes.heartbeat import HeartbeatProbe
from checklists.probes.http import HttpProbe
from checklists.probes.internal import InternalProbe
from checklists.probes.json import JsonProbe
from checklists.probes.metrics import MetricsProbe
from checklists.probes.object import ObjectProbe
from checklists.probes.prometheus import PrometheusProbe
from checklists.probes.protocol import FieldDoc, Probe, ProbeContext, SpecError
from checklists.probes.redis import RedisProbe
from checklists.probes.sql import SqlProbe
from checklists.probes.tcp import TcpProbe
from checklists.probes.tls import TlsProbe

_ALL: tuple[Probe, ...] = (
    HttpProbe(),
    JsonProbe(),
    TcpProbe(),
    DnsProbe(),
    TlsProbe(),
    PrometheusProbe(),
    MetricsProbe(),
    CloudWatchProbe(),
    SqlProbe(),
    RedisProbe(),
    FileProbe(),
    ObjectProbe(),
    HeartbeatProbe(),
    InternalProbe(),
)
PROBES: dict[str, Probe] = {probe.kind: probe for probe in _ALL}

__all__ = ["PROBES", "FieldDoc", "Probe", "ProbeContext", "SpecError"]
