#!/usr/bin/env python3
"""sbom.py BINARY VERSION: what the release binary consists of, as CycloneDX 1.5.

Linked in: Swift's packages as Package.resolved pins them, the toolchain's libraries, and Debian's static
ones. Shared: the libraries that the binary names, in the versions that this machine has.
"""

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid

# Debian packages whose archives are linked in: libyaml by module map, the C++ runtime by
# Sources/rxtune/static.
STATIC = {"libyaml-dev": "MIT", "libstdc++-*-dev": "GPL-3.0-or-later WITH GCC-exception-3.1",
          "libgcc-*-dev": "GPL-3.0-or-later WITH GCC-exception-3.1"}
SHARED_LICENCES = {"libc6": "LGPL-2.1-or-later", "libmnl0": "LGPL-2.1-or-later",
                   "libnl-3-200": "LGPL-2.1-only"}
SWIFT = "Apache-2.0 WITH Swift-exception"
# hdrhistogram-swift comes without the exception.
PACKAGE_LICENCES = {"hdrhistogram-swift": "Apache-2.0"}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def debian(name):
    """Name and version of the newest installed package of that name."""
    found = [line.split() for line in run("dpkg-query", "-W", "-f=${Package} ${Version} ${db:Status-Status}\n",
                                          name).splitlines()]
    found = [(package, version) for package, version, status in
             (line for line in found if len(line) == 3) if status == "installed"]
    if not found:
        sys.exit(f"sbom.py: {name} is not installed")
    return max(found)


def library(name, version, licence, purl, linkage):
    return {"type": "library", "bom-ref": purl, "name": name, "version": version,
            "licenses": [{"expression": licence}], "purl": purl,
            "properties": [{"name": "rxtune:linkage", "value": linkage}]}


def swift_packages():
    with open("Package.resolved") as file:
        pins = json.load(file)["pins"]
    for pin in pins:
        name, state = pin["identity"], pin["state"]
        path = pin["location"].split("://")[1].removesuffix(".git")
        yield library(name, state["version"], PACKAGE_LICENCES.get(name, SWIFT),
                      f"pkg:swift/{path}@{state['version']}", "static")


def toolchain():
    version = re.search(r"Swift version ([\d.]+)", run("swift", "--version"))[1]
    yield library("swift", version, SWIFT, f"pkg:github/swiftlang/swift@swift-{version}-RELEASE", "static")


def debian_library(name, version, licence, linkage):
    architecture = run("dpkg", "--print-architecture").strip()
    return library(name, version, licence,
                   f"pkg:deb/debian/{name.replace('+', '%2B')}@{version.replace('+', '%2B')}?arch={architecture}",
                   linkage)


def static_libraries():
    for pattern, licence in STATIC.items():
        name, version = debian(pattern)
        yield debian_library(name, version, licence, "static")


def shared_libraries(binary):
    packages = set()
    for soname in re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", binary)):
        owners = run("dpkg-query", "-S", f"*/{soname}").splitlines()
        packages.add(next(line.split(":")[0] for line in owners if not line.startswith("diversion")))
    for name in sorted(packages):
        yield debian_library(name, debian(name)[1], SHARED_LICENCES[name], "shared")


def main(binary, version):
    with open(binary, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    purl = f"pkg:generic/rxtune@{version}"
    moment = int(os.environ.get("SOURCE_DATE_EPOCH") or run("git", "log", "-1", "--format=%ct"))
    components = [*swift_packages(), *toolchain(), *static_libraries(), *shared_libraries(binary)]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).isoformat(),
            "component": {"type": "application", "bom-ref": purl, "name": "rxtune", "version": version,
                          "purl": purl, "licenses": [{"expression": "Apache-2.0"}],
                          "hashes": [{"alg": "SHA-256", "content": digest}]},
        },
        "components": components,
        "dependencies": [{"ref": purl, "dependsOn": [part["bom-ref"] for part in components]}],
    }
    print(json.dumps(document, indent=2))


main(*sys.argv[1:])
