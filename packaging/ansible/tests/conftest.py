# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from fleet import Fleet  # noqa: E402 (its folder is no package)


def pytest_configure(config):
    config.addinivalue_line("markers", "essential: what a fleet relies on; `make check` runs these")


@pytest.fixture(name="hosts", scope="session")
def bare(tmp_path_factory):
    """Three hosts without rxtune."""
    packages = sorted(str(path) for path in pathlib.Path(os.environ["FLEET_PACKAGES"]).glob("*.deb"))
    fleet = Fleet(tmp_path_factory.mktemp("fleet"), pathlib.Path(os.environ["FLEET_RXTUNE"]))
    try:
        fleet.start(packages)
        yield fleet
    finally:
        fleet.stop()


@pytest.fixture(name="fleet", scope="session")
def installed(hosts):
    """Three hosts with rxtune, installed by the role from a tarball."""
    tarball = hosts.tarball()
    hosts.play("rxtune.rxtune.install", install_source=str(tarball))
    return hosts
