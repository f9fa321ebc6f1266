"""What no schema sees: that the manifests fit each other. Exit 1 and one line for each fault."""

import pathlib
import sys

import yaml

folder = pathlib.Path(sys.argv[1])
faults, things = [], {}
for file in sorted(folder.glob("*.yaml")):
    for document in yaml.safe_load_all(file.read_text()):
        if file.name == "kustomization.yaml":
            faults += [f"{name} is not there" for name in document["resources"] if not (folder / name).exists()]
            images = {image["name"] for image in document["images"]}
            continue
        kind, meta = document["kind"], document["metadata"]
        things[kind, meta["name"]] = document
        if kind != "Namespace" and meta.get("namespace") != "csp-digest":
            faults.append(f"{kind} {meta['name']} is in no namespace of ours")

# Made by hand from a certificate.
outside = {("Secret", "cspd-tls")}
pods = {name: thing["spec"]["template"] for (kind, name), thing in things.items() if kind in {"Deployment", "Job"}}
for name, pod in pods.items():
    spec = pod["spec"]
    volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
    for volume in volumes.values():
        for kind, key, ref in (("Secret", "secret", "secretName"), ("ConfigMap", "configMap", "name")):
            if key in volume and (kind, volume[key][ref]) not in things.keys() | outside:
                faults.append(f"{name}: {kind} {volume[key][ref]} is not there")
    for container in spec["containers"]:
        ports = {port["name"] for port in container.get("ports", [])}
        probes = [container[p]["httpGet"]["port"] for p in ("startupProbe", "readinessProbe", "livenessProbe") if p in container]
        faults += [f"{name}: probe on {port}, which is no port" for port in probes if port not in ports]
        faults += [f"{name}: mount {m['name']} is no volume" for m in container["volumeMounts"] if m["name"] not in volumes]
        if container["image"] not in images:
            faults.append(f"{name}: image {container['image']} is not named in kustomization.yaml")
        security = container["securityContext"]
        if security["allowPrivilegeEscalation"] or not security["readOnlyRootFilesystem"] or security["capabilities"]["drop"] != ["ALL"]:
            faults.append(f"{name}: may more than it needs")
        # A secret in the environment stands in every description of the pod.
        faults += [f"{name}: {env['name']} takes a secret" for env in container.get("env", []) if "valueFrom" in env]

server = things["Deployment", "cspd"]
labels = server["spec"]["template"]["metadata"]["labels"].items()
for what, selector in (("deployment", server["spec"]["selector"]["matchLabels"]),
                       ("service", things["Service", "cspd"]["spec"]["selector"]),
                       ("budget", things["PodDisruptionBudget", "cspd"]["spec"]["selector"]["matchLabels"]),
                       ("policy", things["NetworkPolicy", "cspd"]["spec"]["podSelector"]["matchLabels"])):
    if not selector.items() <= labels:
        faults.append(f"the {what} selects nobody")
if server["spec"]["replicas"] <= things["PodDisruptionBudget", "cspd"]["spec"]["minAvailable"]:
    faults.append("the budget lets no server go")
print("\n".join(faults) or f"{len(things)} manifests fit each other")
sys.exit(bool(faults))
