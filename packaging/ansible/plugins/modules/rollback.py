#!/usr/bin/python
# Copyright: The rxtune authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rollback
short_description: Undo a change
version_added: "0.1.0"
description:
  - Undoes a change and all later ones, newest first, and restores every value that they wrote or reset.
  - Does nothing if there is nothing to undo.
author:
  - The rxtune authors (@rxtune)
options:
  id:
    description:
      - Id of the change.
    type: str
  label:
    description:
      - Label of the change, the newest of that label. Where no change has it there is nothing to undo.
      - Without O(id), O(label) and O(all), the newest change in force is undone.
    type: str
  all:
    description:
      - Undo every change since boot.
    type: bool
    default: false
  forget:
    description:
      - Give up on what an earlier rollback of the change could not restore, and keep the current values.
    type: bool
    default: false
extends_documentation_fragment:
  - rxtune.rxtune.rxtune
attributes:
  check_mode:
    support: full
    description: Reports what would be undone.
  diff_mode:
    support: full
    description: The values set, and the values restored.
seealso:
  - module: rxtune.rxtune.profile
"""

EXAMPLES = r"""
- name: Undo the newest change
  rxtune.rxtune.rollback:

- name: Undo that change and all later ones
  rxtune.rxtune.rollback:
    label: web

- name: Leave the host as it booted
  rxtune.rxtune.rollback:
    all: true
"""

RETURN = r"""
restored:
  description: The changes that were rolled back, newest first, each with RV(ignore:id), RV(ignore:command), RV(ignore:state) and
    RV(ignore:unrestored).
  returned: always
  type: list
  elements: dict
passed_over:
  description: Later changes whose journals cannot be read. They are still in force.
  returned: unless in check mode
  type: list
  elements: dict
error:
  description: What rxtune says of its failure.
  returned: if something was not restored
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rxtune.rxtune.plugins.module_utils.rxtune import UNDOABLE, Rxtune, chosen, diff


def target(module, changes):
    """The change to undo, with all later ones; None if there is none."""
    if module.params["id"] or module.params["label"]:
        return chosen(module, changes)
    undoable = [change for change in changes if change.get("state") in UNDOABLE]
    if not undoable:
        return None
    return undoable[0] if module.params["all"] else undoable[-1]


def settings(changes, name):
    """Their settings, newest first, as `diff` takes them."""
    return [
        (setting["knob"], setting["place"], setting["value"]) for change in changes for setting in change.get(name, [])
    ]


def main():
    module = AnsibleModule(
        argument_spec=dict(
            id=dict(type="str"),
            label=dict(type="str"),
            all=dict(type="bool", default=False),
            forget=dict(type="bool", default=False),
            **Rxtune.ARGUMENTS
        ),
        mutually_exclusive=[("id", "label", "all")],
        required_if=[("forget", True, ("id", "label"), True)],
        supports_check_mode=True,
    )
    rxtune = Rxtune(module)
    changes = rxtune.history()
    change = target(module, changes)
    if change is None or change.get("state") not in UNDOABLE:
        module.exit_json(changed=False, restored=[], passed_over=[], diff=diff([], [], "rxtune rollback"))
    undone = [other for other in changes[changes.index(change) :] if other.get("state") in UNDOABLE]
    undone.reverse()
    if module.params["forget"]:
        undone = []
    difference = diff(settings(undone, "wanted"), settings(undone, "before"), "rxtune rollback %s" % change["id"])
    if module.check_mode:
        restored = [dict(id=other["id"], command=other["command"], state=other["state"]) for other in undone]
        module.exit_json(changed=True, restored=restored, diff=difference)
    command = ["rollback", change["id"]] + (["--forget"] if module.params["forget"] else [])
    status, document, errors = rxtune.run(command)
    document = document or {}
    answer = dict(restored=document.get("restored", []), passed_over=document.get("passed-over", []))
    if status or "error" in document:
        rxtune.fail(command, status, document, errors, changed=bool(answer["restored"]), **answer)
    module.exit_json(changed=True, diff=difference, **answer)


if __name__ == "__main__":
    main()
