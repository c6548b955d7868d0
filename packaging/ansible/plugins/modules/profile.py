#!/usr/bin/python
# Copyright: The rxtune authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: profile
short_description: Apply a tuning profile, and confirm it over a new connection
version_added: "0.1.0"
description:
  - Applies an rxtune profile to a host and its devices, atomically.
  - Does nothing where every setting holds already.
  - With O(confirm_within) the host rolls the change back by itself unless it is confirmed in time. This module confirms it over a
    new connection, so that a change that cuts the host off is undone.
author:
  - The rxtune authors (@rxtune)
options:
  profile:
    description:
      - Name of a profile on the host, built in or in C(/etc/rxtune/profiles), or the absolute path of a file there.
      - Exactly one of O(profile) and O(content) is needed.
    type: str
  content:
    description:
      - The profile itself, as YAML text or as a dictionary with C(name), C(summary) and C(settings).
    type: raw
  devices:
    description:
      - Devices, if the profile has device settings.
      - A profile spreads the interrupts of devices named together over different CPUs.
    type: list
    elements: str
    default: []
  confirm_within:
    description:
      - Roll back unless the change is confirmed within this time, such as C(60s) or C(2m).
      - Without it a change that cuts the host off stays.
      - Over SSH, the connection that applies has a keepalive, so that a dead link is noticed.
    type: str
  confirm:
    description:
      - Whether to confirm the change here, over a new connection, when O(confirm_within) is given.
      - With V(false) the change waits for M(rxtune.rxtune.confirm), which may come after checks of your own. If it never
        comes, the host rolls back.
      - This still waits for a new connection, and so proves that the host can be reached.
    type: bool
    default: true
  connect_within:
    description:
      - How long to try for a new connection after the change, with O(confirm_within), before the host counts as unreachable.
      - Without it until the host has rolled back, or, with O(confirm=false), half of O(confirm_within), which leaves the
        other half for the rest.
    type: str
  keepalive:
    description:
      - Seconds between keepalive messages, with O(confirm_within) over SSH. After two
        without an answer the connection counts as lost.
    type: int
    default: 2
  connect_timeout:
    description:
      - Timeout of a new connection in seconds, with O(confirm_within).
    type: int
    default: 5
  label:
    description:
      - Label of the change in C(rxtune history), by which M(rxtune.rxtune.confirm) and M(rxtune.rxtune.rollback) find it.
      - With O(confirm_within) a unique token is appended, by which the change is found if the answer is lost. RV(label) has both.
    type: str
  force:
    description:
      - Also write values that are marked dangerous.
    type: bool
    default: false
  max_risk:
    description:
      - Refuse the change if a write risks more than this, from V(none) over V(resets), which resets other settings, to V(flap), which
        takes the link down for a moment.
    type: str
    choices:
      - none
      - resets
      - flap
  wait_link:
    description:
      - Wait up to this long for the link, such as C(10s), and roll back if it stays down.
    type: str
  irqbalance:
    description:
      - What to do about interrupts while irqbalance runs.
    type: str
    choices:
      - refuse
      - ignore
      - ban
    default: refuse
extends_documentation_fragment:
  - rxtune.rxtune.rxtune
attributes:
  check_mode:
    support: full
    description: Reports what rxtune plans.
  diff_mode:
    support: full
    description: The old and new value of every write.
seealso:
  - module: rxtune.rxtune.confirm
  - module: rxtune.rxtune.rollback
  - module: rxtune.rxtune.verify
"""

EXAMPLES = r"""
- name: Spread the interrupts of eth0 over its CPUs
  rxtune.rxtune.profile:
    profile: spread
    devices:
      - eth0
    confirm_within: 60s

- name: Show what a profile of ours would change
  rxtune.rxtune.profile:
    content: "{{ lookup('ansible.builtin.file', 'web.yaml') }}"
    devices:
      - eth0
  check_mode: true
  diff: true

- name: Apply settings, and leave them to be confirmed
  rxtune.rxtune.profile:
    content:
      name: web
      settings:
        features.rx-gro: true
        queue.rps-cpus: none
    devices:
      - eth0
    confirm_within: 5m
    confirm: false
    label: web
  register: applied

- name: Check what must hold
  ansible.builtin.uri:
    url: http://localhost/health

- name: Keep the settings
  rxtune.rxtune.confirm:
    id: "{{ applied.id }}"
  when: applied is changed
"""

RETURN = r"""
state:
  description:
    - How the change stands now.
    - V(unchanged) if every setting held already, V(planned) in check mode, V(in-force), V(awaiting-confirmation), or, where
      this failed, V(rolled-back).
  returned: always, but where the host cannot be reached
  type: str
  sample: in-force
id:
  description: Id of the change, for rollback and confirm.
  returned: if there is a change
  type: str
  sample: 20261123-163117
label:
  description: Label of the change.
  returned: if it has one
  type: str
  sample: web 5f0a63d1c29b
deadline:
  description: When the host rolls the change back, if nobody confirms it.
  returned: if it waits to be confirmed
  type: str
  sample: "2026-11-23T16:32:17Z"
changes:
  description: The writes in order, each with RV(ignore:knob), RV(ignore:place), RV(ignore:old), RV(ignore:wanted), its risks and
    what it resets.
  returned: unless the answer was lost
  type: list
  elements: dict
caveats:
  description: What to know of the change.
  returned: unless the answer was lost
  type: list
  elements: dict
settled:
  description: Settings for which the device settled on another value.
  returned: if something was written
  type: list
  elements: dict
kept:
  description: Settings that the change reset, and that rxtune restored.
  returned: if something was written
  type: list
  elements: dict
answer_lost:
  description: Whether the answer of the host was lost. The change was found by its label then.
  returned: if it was
  type: bool
error:
  description: What rxtune says of its failure.
  returned: if rxtune refused
  type: dict
  sample:
    kind: refused
    message: "eth0: the driver does not support coalesce.rx-usecs (EOPNOTSUPP)"
    retry: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rxtune.rxtune.plugins.module_utils.rxtune import Rxtune, described, plan_diff, profile_text


def options(params):
    """The options of `rxtune apply`."""
    arguments = ["--irqbalance", params["irqbalance"]]
    if params["force"]:
        arguments.append("--force")
    for name in ("max_risk", "wait_link"):
        if params[name]:
            arguments += ["--" + name.replace("_", "-"), params[name]]
    return arguments


def main():
    module = AnsibleModule(
        argument_spec=dict(
            profile=dict(type="str"),
            content=dict(type="raw"),
            devices=dict(type="list", elements="str", default=[]),
            confirm_within=dict(type="str"),
            confirm=dict(type="bool", default=True),
            connect_within=dict(type="str"),
            keepalive=dict(type="int", default=2),
            connect_timeout=dict(type="int", default=5),
            label=dict(type="str"),
            force=dict(type="bool", default=False),
            max_risk=dict(type="str", choices=["none", "resets", "flap"]),
            wait_link=dict(type="str"),
            irqbalance=dict(type="str", choices=["refuse", "ignore", "ban"], default="refuse"),
            **Rxtune.ARGUMENTS
        ),
        mutually_exclusive=[("profile", "content")],
        required_one_of=[("profile", "content")],
        supports_check_mode=True,
    )
    params = module.params
    rxtune = Rxtune(module)
    data = profile_text(params["content"]) if params["content"] is not None else None
    command = ["apply", params["profile"] if data is None else "-"] + params["devices"] + options(params)
    waiting = next((change for change in rxtune.history() if change.get("state") == "awaiting-confirmation"), None)

    if module.check_mode:
        if waiting:
            module.warn("%s; the plan takes it as it is now." % described(waiting))
        status, plan = rxtune.read(command + ["--dry-run"], data=data, good=(0, 2))
        answer = dict(changed=status == 2, state="planned" if status == 2 else "unchanged")
    else:
        if waiting:
            # Its values may be those that are wanted, and be gone in a minute.
            module.fail_json(
                msg="%s. Confirm it, roll it back, or wait until it rolls itself back." % described(waiting),
                error=dict(kind="unconfirmed", message=described(waiting), retry=True),
                id=waiting["id"],
                state=waiting["state"],
            )
        if params["confirm_within"]:
            command += ["--confirm-within", params["confirm_within"]]
        if params["label"]:
            command += ["--label", params["label"]]
        document = rxtune.read(command, data=data)[1]
        plan = document["plan"]
        answer = dict(changed=document["state"] != "unchanged")
        for name in ("state", "id", "label", "deadline", "settled", "kept"):
            if name in document:
                answer[name] = document[name]
    header = "rxtune %s" % " ".join(command[1 : 2 + len(params["devices"])])
    module.exit_json(diff=plan_diff(plan, header), changes=plan["changes"], caveats=plan["caveats"], **answer)


if __name__ == "__main__":
    main()
