"""A compose file against what compose itself would refuse, and against the files it names. Exit 1 and one line for each fault."""

import pathlib
import sys

import yaml

path = pathlib.Path(sys.argv[1])
compose = yaml.safe_load(path.read_text())
faults = []
services = compose["services"]
known = {"image", "build", "command", "environment", "secrets", "networks", "network_mode", "depends_on", "read_only", "cap_drop",
         "security_opt", "restart", "volumes", "ports", "healthcheck", "stop_grace_period", "profiles"}
conditions = {"service_started", "service_healthy", "service_completed_successfully"}
for name, service in services.items():
    faults += [f"{name}: {key} is no key of a service" for key in service.keys() - known]
    if not service.keys() & {"image", "build"}:
        faults.append(f"{name}: neither image nor build")
    if "networks" in service and "network_mode" in service:
        faults.append(f"{name}: networks and network_mode exclude each other")
    mode = service.get("network_mode", "")
    if mode.startswith("service:") and mode.removeprefix("service:") not in services:
        faults.append(f"{name}: {mode} is not there")
    faults += [f"{name}: network {net} is not declared" for net in service.get("networks", []) if net not in compose["networks"]]
    faults += [f"{name}: secret {secret} is not declared" for secret in service.get("secrets", []) if secret not in compose["secrets"]]
    for other, how in service.get("depends_on", {}).items():
        if other not in services or how["condition"] not in conditions:
            faults.append(f"{name}: depends on {other}, {how}")
        elif how["condition"] == "service_healthy" and "healthcheck" not in services[other]:
            faults.append(f"{name}: waits for the health of {other}, which has no check")
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        there = (path.parent / source).exists() if source.startswith(".") else source in compose["volumes"]
        if not there:
            faults.append(f"{name}: volume {source} is not there")
    for key, value in service.get("environment", {}).items():
        if key.endswith("_FILE") and value.startswith("/run/secrets/") and value.removeprefix("/run/secrets/") not in service["secrets"]:
            faults.append(f"{name}: {key} names a secret that the service does not get")
        if not isinstance(value, str):
            faults.append(f"{name}: {key} is not a text")
    if "build" in service:
        build = service["build"]
        if not (path.parent / build["context"] / build["dockerfile"]).exists():
            faults.append(f"{name}: {build} is not there")
print("\n".join(faults) or f"{len(services)} services: every name and file is there")
sys.exit(bool(faults))
