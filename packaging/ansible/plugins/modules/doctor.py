#!/usr/bin/python
# Copyright: The rxtune authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: doctor
short_description: Find out what is wrong with the receive path
version_added: "0.1.0"
description:
  - Takes two snapshots of a host, and reports what is misconfigured, and what was lost or wasted in between.
  - It fails only on what O(fail_on) names, and with O(baseline) only on findings that are new.
author:
  - The rxtune authors (@rxtune)
options:
  devices:
    description:
      - Devices to examine. Without any, the physical ones, or all but loopback if there are none.
    type: list
    elements: str
    default: []
  duration:
    description:
      - Time between the two snapshots, such as C(10s).
    type: str
    default: 10s
  fail_on:
    description:
      - Severities that fail the task. V(loss) means that packets or connections are lost, V(cost) that they cost too much, V(risk) that
        a setting fails its purpose or will bite under load.
    type: list
    elements: str
    choices:
      - loss
      - cost
      - risk
    default: []
  ignore:
    description:
      - Rules whose findings do not fail the task, such as V(gro-off).
    type: list
    elements: str
    default: []
  baseline:
    description:
      - RV(findings) of an earlier run. A finding of the same rule at the same place does not fail the task.
    type: list
    elements: dict
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
- name: Look at the host as it is
  rxtune.rxtune.doctor:
    devices:
      - eth0
    duration: 30s
  register: before

- name: Apply
  rxtune.rxtune.profile:
    profile: throughput
    devices:
      - eth0
    confirm_within: 60s

- name: Fail on what is worse than before
  rxtune.rxtune.doctor:
    devices:
      - eth0
    duration: 30s
    baseline: "{{ before.findings }}"
    fail_on:
      - loss
      - cost
"""

RETURN = r"""
findings:
  description: What is wrong, worst first, each with RV(ignore:rule), RV(ignore:place), RV(ignore:severity), RV(ignore:summary),
    RV(ignore:evidence), RV(ignore:consequence) and RV(ignore:fix).
  returned: always
  type: list
  elements: dict
new:
  description: Those of RV(findings) that are not in O(baseline).
  returned: always
  type: list
  elements: dict
notes:
  description: Worth knowing, and nothing to act on.
  returned: always
  type: list
  elements: dict
unchecked:
  description: What rules could not look at, and why.
  returned: always
  type: list
  elements: dict
clean:
  description: Rules that looked and found nothing.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rxtune.rxtune.plugins.module_utils.rxtune import Rxtune, place_text


def where(finding):
    """What makes two findings the same one."""
    return finding.get("rule"), place_text(finding.get("place", {}))


def main():
    module = AnsibleModule(
        argument_spec=dict(
            devices=dict(type="list", elements="str", default=[]),
            duration=dict(type="str", default="10s"),
            fail_on=dict(type="list", elements="str", choices=["loss", "cost", "risk"], default=[]),
            ignore=dict(type="list", elements="str", default=[]),
            baseline=dict(type="list", elements="dict", default=[]),
            **Rxtune.ARGUMENTS
        ),
        supports_check_mode=True,
    )
    params = module.params
    command = ["doctor"] + params["devices"] + ["--for", params["duration"]]
    document = Rxtune(module).read(command, good=(0, 2))[1]
    known = [where(finding) for finding in params["baseline"]]
    new = [finding for finding in document["findings"] if where(finding) not in known]
    answer = dict(changed=False, new=new)
    for name in ("findings", "notes", "unchecked", "clean"):
        answer[name] = document[name]
    grave = [
        finding
        for finding in new
        if finding["severity"] in params["fail_on"] and finding["rule"] not in params["ignore"]
    ]
    if grave:
        module.fail_json(
            msg="; ".join("%s: %s" % (place_text(finding["place"]), finding["summary"]) for finding in grave), **answer
        )
    module.exit_json(**answer)


if __name__ == "__main__":
    main()
