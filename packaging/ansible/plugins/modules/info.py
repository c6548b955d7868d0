#!/usr/bin/python
# Copyright: The rxtune authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: info
short_description: Report the version, changes and receive path of a host
version_added: "0.1.0"
description:
  - Reports which rxtune a host has, the changes since boot, the profiles, and the receive path of devices.
author:
  - The rxtune authors (@rxtune)
options:
  gather:
    description:
      - What to report besides the version.
    type: list
    elements: str
    choices:
      - changes
      - profiles
      - receive-path
    default:
      - changes
  devices:
    description:
      - Devices whose receive path to report. Without any, the physical ones, or all but loopback if there are none.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - rxtune.rxtune.rxtune
attributes:
  check_mode:
    support: full
    description: Changes nothing anyway.
  diff_mode:
    support: none
    description: Changes nothing.
"""

EXAMPLES = r"""
- name: See what the host has
  rxtune.rxtune.info:
    gather:
      - changes
      - receive-path
    devices:
      - eth0
  register: host

- name: Print the queues of eth0
  ansible.builtin.debug:
    var: host.devices[0]
"""

RETURN = r"""
installed:
  description: Whether the host has rxtune. If not, this is all there is.
  returned: always
  type: bool
version:
  description: Version of rxtune.
  returned: if it is installed
  type: str
  sample: 0.1.0
schema:
  description: Version of its JSON documents.
  returned: if it is installed
  type: int
  sample: 2
executable:
  description: Path of rxtune.
  returned: if it is installed
  type: str
  sample: /usr/bin/rxtune
changes:
  description: The changes since boot, oldest first, as C(rxtune history --json) has them.
  returned: if asked for
  type: list
  elements: dict
profiles:
  description: The profiles that can be named, as C(rxtune profile list --json) has them.
  returned: if asked for
  type: list
  elements: dict
devices:
  description: The receive path of the devices, as C(rxtune show --json) has it.
  returned: if asked for
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rxtune.rxtune.plugins.module_utils.rxtune import DIRECTORIES, Rxtune


def main():
    module = AnsibleModule(
        argument_spec=dict(
            gather=dict(
                type="list", elements="str", choices=["changes", "profiles", "receive-path"], default=["changes"]
            ),
            devices=dict(type="list", elements="str", default=[]),
            **Rxtune.ARGUMENTS
        ),
        supports_check_mode=True,
    )
    params = module.params
    if module.get_bin_path(params["executable"], opt_dirs=DIRECTORIES) is None:
        module.exit_json(changed=False, installed=False)
    rxtune = Rxtune(module)
    envelope, answer = rxtune.envelope(), {}
    if "changes" in params["gather"]:
        answer["changes"] = rxtune.history()
    if "profiles" in params["gather"]:
        answer["profiles"] = rxtune.read(["profile", "list"], state=False)[1]["profiles"]
    if "receive-path" in params["gather"]:
        answer["devices"] = rxtune.read(["show"] + params["devices"], state=False)[1]["devices"]
    module.exit_json(
        changed=False,
        installed=True,
        version=envelope["version"],
        schema=envelope["schema"],
        executable=rxtune.program,
        **answer
    )


if __name__ == "__main__":
    main()
