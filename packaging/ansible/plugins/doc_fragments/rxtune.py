# Copyright: The rxtune authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  executable:
    description:
      - Name or path of rxtune on the managed host.
      - A name is looked for on the C(PATH), then in C(/usr/local/bin), C(/usr/local/sbin) and C(/usr/sbin).
    type: path
    default: rxtune
  state_dir:
    description:
      - Directory of the change journals on the managed host.
      - Without it, that of rxtune, C(/run/rxtune).
    type: path
requirements:
  - rxtune 0.1.0 or later on the managed host, with version 2 of its JSON documents
notes:
  - Runs as root, or with C(CAP_NET_ADMIN) and write access to /proc and /sys.
"""
