#!/usr/bin/python
# Copyright: The rxtune authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: verify
short_description: Check that settings hold
version_added: "0.1.0"
description:
  - Checks that what rxtune changed since boot, or what a profile wants, still holds, and names the likely culprit if not.
  - Fails where a setting does not hold, where one cannot be read, and where there is nothing to check.
author:
  - The rxtune authors (@rxtune)
options:
  profile:
    description:
      - Name or path of a profile on the host. Without it and O(content), all changes in force are checked.
    type: str
  content:
    description:
      - The profile itself, as YAML text or as a dictionary with C(name), C(summary) and C(settings).
    type: raw
  devices:
    description:
      - Devices, if the profile has device settings.
    type: list
    elements: str
    default: []
  fail_on_drift:
    description:
      - Whether a setting that does not hold fails the task. RV(good) tells in any case.
    type: bool
    default: true
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
- name: Check everything that rxtune changed since boot
  rxtune.rxtune.verify:

- name: Check that eth0 is as the profile wants it
  rxtune.rxtune.verify:
    profile: spread
    devices:
      - eth0
"""

RETURN = r"""
good:
  description: Whether every setting holds, and there was one to check.
  returned: always
  type: bool
checked:
  description: How many settings were checked.
  returned: always
  type: int
drifted:
  description: The settings that do not hold, each with RV(ignore:knob), RV(ignore:place), RV(ignore:wanted), RV(ignore:found)
    and RV(ignore:culprit).
  returned: always
  type: list
  elements: dict
notes:
  description: What is worth knowing and no fault, such as a renamed device.
  returned: always
  type: list
  elements: str
problems:
  description: Problems of the whole check.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rxtune.rxtune.plugins.module_utils.rxtune import (
    Rxtune,
    place_text,
    profile_text,
    value_text,
)


def sentence_of(setting):
    """What is wrong with a setting, and who did it."""
    found = value_text(setting["found"]) if "found" in setting else setting.get("unreadable", "nothing")
    text = "%s %s is %s, not %s" % (
        place_text(setting["place"]),
        setting["knob"],
        found,
        value_text(setting["wanted"]),
    )
    culprit = setting.get("culprit", {}).get("text")
    return "%s (%s)" % (text, culprit) if culprit else text


def main():
    module = AnsibleModule(
        argument_spec=dict(
            profile=dict(type="str"),
            content=dict(type="raw"),
            devices=dict(type="list", elements="str", default=[]),
            fail_on_drift=dict(type="bool", default=True),
            **Rxtune.ARGUMENTS
        ),
        mutually_exclusive=[("profile", "content")],
        supports_check_mode=True,
    )
    params = module.params
    data = profile_text(params["content"]) if params["content"] is not None else None
    what = ["-"] if data is not None else [params["profile"]] if params["profile"] else []
    if params["devices"] and not what:
        module.fail_json(msg="devices are those of a profile: name one, or leave both out to check all changes.")
    document = Rxtune(module).read(["verify"] + what + params["devices"], data=data, good=(0, 2))[1]
    drifted = [setting for setting in document["settings"] if not setting["as-wanted"]]
    answer = dict(
        changed=False,
        good=document["good"],
        checked=len(document["settings"]),
        drifted=drifted,
        notes=document["notes"],
        problems=document["problems"],
    )
    if params["fail_on_drift"] and not document["good"]:
        reasons = [sentence_of(setting) for setting in drifted] + document["problems"]
        module.fail_json(msg="; ".join(reasons) or "There was nothing to check.", **answer)
    module.exit_json(**answer)


if __name__ == "__main__":
    main()
