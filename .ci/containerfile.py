"""A Containerfile read as far as it can be without an engine. Exit 1 and one line for each fault."""

import json
import pathlib
import sys

from dockerfile_parse import DockerfileParser

path = pathlib.Path(sys.argv[1])
steps = [(step["instruction"], step["value"]) for step in DockerfileParser(fileobj=path.open("rb")).structure]
faults, stages, user, final = [], [], "root", []
known = {"FROM", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "VOLUME", "ENV", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD", "COMMENT"}
for instruction, value in steps:
    if instruction not in known:
        faults.append(f"{instruction} is not known here")
    if instruction == "FROM":
        image, *alias = value.split(" AS ")
        if ":" not in image or image.endswith(":latest"):
            faults.append(f"{image} may be another tomorrow")
        stages.append(alias[0] if alias else "")
        final, user = [], "root"
    final.append((instruction, value))
    if instruction == "USER":
        user = value
    if instruction == "COPY" and "--from=" in value:
        source = value.split("--from=")[1].split()[0]
        if source not in stages:
            faults.append(f"COPY from {source}, which is no stage")
last = dict(final)
for needed in ("USER", "HEALTHCHECK", "ENTRYPOINT", "CMD", "STOPSIGNAL"):
    if needed not in last:
        faults.append(f"the image has no {needed}")
if user.split(":")[0] in {"root", "0"} or not user.split(":")[0].isdigit():
    faults.append(f"the image runs as {user}: Kubernetes wants a number that is not 0")
# There is no shell in it, so every command must be a list.
for name in ("ENTRYPOINT", "CMD"):
    try:
        json.loads(last.get(name, ""))
    except ValueError:
        faults.append(f"{name} needs a shell: {last.get(name)}")
try:
    json.loads(last.get("HEALTHCHECK", "").split("CMD", 1)[1])
except (ValueError, IndexError):
    faults.append("HEALTHCHECK needs a shell")
if "RUN" in dict(final):
    faults.append("the last stage runs something, and has no shell to do it")
print("\n".join(faults) or f"{len(stages)} stages, run as {user}")
sys.exit(bool(faults))
