"""Templates: machines, pods and disks."""

from checklists.domain.check_library.writing import (
    AMAS,
    ARCHITECT,
    ARQ,
    CRITICAL,
    HIGH,
    LOW,
    MEDIUM,
    QENERGYZ,
    QUARTER,
    prom,
)

GROUP, PODS, AGENTS = "Machines", "Pods", "Monitoring"
_IDLE = 'node_cpu_seconds_total{mode="idle",<node_labels>}'
_CPU = f"100 * (1 - avg(rate({_IDLE}[5m])))"
_CPU_PAST = f"(100 * (1 - avg(rate({_IDLE}[1h]))))"
_FREE, _ALL = (
    "node_memory_MemAvailable_bytes{<node_labels>}",
    "node_memory_MemTotal_bytes{<node_labels>}",
)
_MEMORY = f"100 * (1 - sum({_FREE}) / sum({_ALL}))"
_LEFT = "node_filesystem_avail_bytes{<node_labels>}"
_SIZE = "node_filesystem_size_bytes{<node_labels>}"
_DISK = f"max(100 * (1 - {_LEFT} / {_SIZE}))"
# Days until nothing is left, ten years for never.
_DAYS_LEFT = (
    f"min(({_LEFT} / -deriv({_LEFT}[%s]) > 0) / 86400) or 3650 + 0 * min({_LEFT})"
)

TEMPLATES = (
    prom("cpu", "CPU below 70 %", GROUP, (ARQ,), _CPU, "value < 70%", unit="%"),
    prom(
        "cpu-warned", "CPU below 70 %, warned at 80 %", GROUP, (QENERGYZ,), _CPU,
        "value < 70%", unit="%",
        ladder=((CRITICAL, "value > 90%"), (HIGH, "value > 80%")),
    ),
    prom(
        "cpu-held", "CPU, 5 minutes above 70 %", GROUP, (AMAS,), _CPU, "value <= 70%",
        unit="%", ladder=((CRITICAL, "value > 90%"), (LOW, "value > 70%", "5m")),
    ),
    prom(
        "cpu-high", "CPU, high above 80 %", GROUP, (ARCHITECT,), _CPU, "value <= 80%",
        unit="%", ladder=((HIGH, "value > 80%"),),
    ),
    prom(
        "cpu-alarm", "CPU, 10 minutes above 80 %", GROUP, (QENERGYZ,), _CPU,
        "value <= 80%", unit="%", ladder=((HIGH, "value > 80%", "10m"),),
    ),
    prom(
        "scale-up", "Time to scale up", GROUP, (QENERGYZ,), _CPU, "value <= 70%",
        unit="%", ladder=((LOW, "value > 70%", "10m"),),
    ),
    prom(
        "scale-down", "Time to scale down", GROUP, (QENERGYZ,), _CPU, "value >= 30%",
        unit="%", ladder=((LOW, "value < 30%", "30m"),),
    ),
    prom("memory", "Memory below 80 %", GROUP, (ARQ,), _MEMORY, "value < 80%",
         unit="%", ladder=((CRITICAL, "100% - value < 10%"),)),
    prom(
        "memory-warned", "Memory below 80 %, warned at 85 %", GROUP, (QENERGYZ,),
        _MEMORY, "value < 80%", unit="%",
        ladder=((CRITICAL, "value > 95%"), (HIGH, "value > 85%")),
    ),
    prom(
        "memory-held", "Memory, above 80 %", GROUP, (AMAS,), _MEMORY, "value <= 80%",
        unit="%", ladder=((MEDIUM, "value > 80%"),),
    ),
    prom(
        "capacity-memory", "Memory of the process against 512 MB", GROUP, (AMAS,),
        "sum(process_resident_memory_bytes{<labels>})", unit="B",
        ladder=((LOW, "value > 0.8 * 512MB"),),
    ),
    prom(
        "disk-used", "Disk used, fullest volume", GROUP, (ARQ,), _DISK, "value < 80%",
        unit="%", ladder=((CRITICAL, "value > 95%"), (LOW, "value > 80%")),
    ),
    prom(
        "disk-change", "Disk used, change of a day", GROUP, (ARQ,), _DISK,
        "abs(delta(24h)) <= 5%", unit="%", every=QUARTER,
    ),
    prom(
        "disk-in-a-week", "Disk left in seven days", GROUP, (ARQ,),
        f"min(predict_linear({_LEFT}[24h], 7 * 86400))", "value > 0B", unit="B",
        every=QUARTER,
    ),
    prom(
        "network", "Network, in and out", GROUP, (ARQ,),
        "sum(rate(node_network_receive_bytes_total{<node_labels>}[5m])) + "
        "sum(rate(node_network_transmit_bytes_total{<node_labels>}[5m]))",
        unit="B/s",
    ),
    *(
        prom(
            f"cpu-{span}", f"CPU, 95th percentile of the {span}", GROUP, runbooks,
            f"quantile_over_time(0.95, {_CPU_PAST}[{days}:1h])", "value < 70%",
            unit="%", every=QUARTER,
        )
        for span, days, runbooks in (
            ("week", "7d", (ARQ,)), ("month", "30d", (QENERGYZ,)),
            ("quarter", "90d", (AMAS,)),
        )
    ),
    *(
        prom(
            f"memory-{span}", f"Memory, most of the {span}", GROUP, runbooks,
            f"max_over_time(({_MEMORY})[{days}:1h])", "value < 80%", unit="%",
            every=QUARTER,
        )
        for span, days, runbooks in (
            ("week", "7d", (ARQ,)), ("month", "30d", (QENERGYZ,)),
            ("quarter", "90d", (AMAS,)),
        )
    ),
    *(
        prom(
            f"disk-days-{span}", f"Days until a disk is full, by its {span}", GROUP,
            runbooks, _DAYS_LEFT.replace("%s", days), "value > 30d", unit="d",
            every=QUARTER,
        )
        for span, days, runbooks in (
            ("week", "7d", (ARQ,)), ("month", "30d", (QENERGYZ,)),
            ("quarter", "90d", (AMAS,)),
        )
    ),
    prom(
        "pod-restarts", "Pod restarts of an hour", PODS, (ARQ,),
        "sum(increase(kube_pod_container_status_restarts_total{<pod_labels>}[1h]))",
        "value == 0", ladder=((HIGH, "value >= 5"),),
        about="Five restarts of an hour stand for a restart loop.",
    ),
    prom(
        "pod-evictions", "Pods that were evicted", PODS, (ARQ,),
        'sum(kube_pod_status_reason{reason="Evicted",<pod_labels>})',
        "value == 0", ladder=((LOW, "value > 0"),),
    ),
    prom(
        "pods-ready", "Pods that are not ready", PODS, (ARCHITECT,),
        'sum(kube_pod_status_ready{condition="false",<pod_labels>})', "value == 0",
        alerts=True,
    ),
    prom(
        "autoscaler", "Autoscaler short of replicas", PODS, (ARCHITECT,),
        "sum(kube_horizontalpodautoscaler_status_desired_replicas{<pod_labels>}) - "
        "sum(kube_horizontalpodautoscaler_status_current_replicas{<pod_labels>})",
        "value <= 0", ladder=((MEDIUM, "value > 0", "10m"),),
    ),
    prom(
        "pod-memory-growth", "Memory growth of a pod", PODS, (ARCHITECT,),
        "max(deriv(container_memory_usage_bytes{<pod_labels>}[1h]))", unit="B/s",
        about="By the slope of an hour; a gauge has no rate.",
    ),
    prom(
        "nodes-ready", "Nodes that are ready", PODS, (ARQ,),
        'min(kube_node_status_condition{condition="Ready",status="true"})',
        "value == 1", alerts=True,
    ),
    prom(
        "agents-down", "Monitoring agents that do not report", AGENTS, (ARQ,),
        "count(up{<labels>} == 0) or vector(0)", "value == 0", alerts=True,
    ),
    prom(
        "agents-known", "Monitoring agents that are known", AGENTS, (ARQ,),
        "count(up{<labels>})", "value >= <targets>", alerts=True,
        about="A target that vanished is not down, it is not counted at all.",
    ),
)  # fmt: skip
