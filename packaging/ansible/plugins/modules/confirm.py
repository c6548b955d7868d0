#!/usr/bin/python
# Copyright: The rxtune authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: confirm
short_description: Keep a change that would be rolled back
version_added: "0.1.0"
description:
  - Confirms a change that M(rxtune.rxtune.profile) made with O(rxtune.rxtune.profile#module:confirm_within) and
    O(rxtune.rxtune.profile#module:confirm=false).
  - Does nothing if the change was confirmed before. Fails if it is already rolled back.
  - M(rxtune.rxtune.profile) leaves no connection from before the change behind, so this runs over a newer one.
author:
  - The rxtune authors (@rxtune)
options:
  id:
    description:
      - Id of the change.
    type: str
  label:
    description:
      - Label of the change, the newest of that label. Without O(id) and O(label), the change that waits.
    type: str
extends_documentation_fragment:
  - rxtune.rxtune.rxtune
attributes:
  check_mode:
    support: full
    description: Reports whether there is something to confirm.
  diff_mode:
    support: none
    description: No setting changes.
"""

EXAMPLES = r"""
- name: Keep the change that waits
  rxtune.rxtune.confirm:

- name: Keep the change of that label
  rxtune.rxtune.confirm:
    label: web
"""

RETURN = r"""
id:
  description: Id of the change.
  returned: if there is one
  type: str
  sample: 20261123-163117
state:
  description: How it stands now.
  returned: if there is a change
  type: str
  sample: in-force
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rxtune.rxtune.plugins.module_utils.rxtune import Rxtune, chosen, described


def main():
    module = AnsibleModule(
        argument_spec=dict(id=dict(type="str"), label=dict(type="str"), **Rxtune.ARGUMENTS),
        mutually_exclusive=[("id", "label")],
        supports_check_mode=True,
    )
    rxtune = Rxtune(module)
    changes = rxtune.history()
    if module.params["id"] or module.params["label"]:
        change = chosen(module, changes)
        if change is None:
            module.fail_json(msg='There is no change labelled "%s" in the history of this host.' % module.params["label"])
    else:
        change = next((change for change in changes if change.get("state") == "awaiting-confirmation"), None)
        if change is None:
            module.exit_json(changed=False, msg="No change waits to be confirmed.")
    if change.get("state") == "in-force":
        module.exit_json(changed=False, id=change["id"], state=change["state"])
    if change.get("state") != "awaiting-confirmation":
        module.fail_json(msg="%s." % described(change), id=change["id"], state=change.get("state", "damaged"))
    if module.check_mode:
        module.exit_json(changed=True, id=change["id"], state=change["state"])
    document = rxtune.read(["confirm", change["id"]])[1]
    module.exit_json(changed=True, id=document["id"], state=document["state"])


if __name__ == "__main__":
    main()
