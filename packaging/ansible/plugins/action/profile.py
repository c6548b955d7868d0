# Copyright: The rxtune authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies a profile, and with confirm_within confirms it over a connection that did not exist before.

What `rxtune apply --confirm-within` changes rolls itself back on the host unless it is confirmed in time. The only
proof that the change left the way to the host open is a connection made after it: one from before may live on
in the kernel's tables, or in a ControlPersist master, where a new one would not come through. So, as
ansible.builtin.reboot does, this makes a new one, and confirms there. If the answer of `apply` is lost, the change is
found by its label. Whatever happens here, the host is left with settings that were confirmed, or with those
of before.
"""

from __future__ import annotations

import re
import secrets
import shlex
import time

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.plugins.connection import ConnectionBase
from ansible.utils.display import Display

from ansible_collections.rxtune.rxtune.plugins.module_utils.rxtune import DIRECTORIES, by_label, last_document, sentence

display = Display()

# Those of rxtune's times, in seconds.
UNITS = {
    "us": 1e-6, "ms": 1e-3, "s": 1, "sec": 1, "": 1, "m": 60, "min": 60, "h": 3600, "d": 86400,
}

# What rxtune says after these will not change by asking again.
OVER = {
    "rolled-back": "was rolled back",
    "rolled-back-in-part": "was rolled back in part",
    "device-gone": "is over, as its device is gone",
    "over": "is over",
}


def seconds_of(name, span):
    """A time as rxtune takes it: 5, 5s, 250ms, 2m."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([a-z]*)", str(span).strip())
    if not match or match.group(2) not in UNITS or float(match.group(1)) == 0:
        raise AnsibleError("%s: %r is no time; use one such as 60s or 2m" % (name, span))
    return float(match.group(1)) * UNITS[match.group(2)]


class FreshConnections:
    """SSH that notices a dead link, as long as it is entered; and on demand, a new connection for every command."""

    OPTIONS = ("ssh_args", "timeout", "reconnection_retries")

    def __init__(self, connection, keepalive, timeout):
        self.connection = connection
        # Other plugins have options of their own for this, or none.
        self.is_ssh = connection.transport == "ssh"
        self.keepalive, self.timeout = keepalive, timeout
        self.saved = {}

    def __enter__(self):
        if self.is_ssh:
            self.saved = {name: self.connection.get_option(name) for name in self.OPTIONS}
            self._use("")
            # A module that may have run is not run again: its change would stand in its own way.
            self.connection.set_option("reconnection_retries", 0)
        self.reset()
        return self

    def __exit__(self, *_unused):
        if self.is_ssh:
            # The master that was told of the keepalive ends too; later tasks make their own.
            self._use("")
            self.reset()
            for name, value in self.saved.items():
                self.connection.set_option(name, value)

    def _use(self, arguments):
        # ssh takes the first of what is said twice.
        ours = "%s -o ServerAliveInterval=%d -o ServerAliveCountMax=2 -o ConnectTimeout=%d" % (
            arguments, self.keepalive, self.timeout)
        self.connection.set_option("ssh_args", "%s %s" % (ours, self.saved["ssh_args"] or ""))
        self.connection.set_option("timeout", self.timeout)

    def only_new_ones(self):
        """From now on every command makes its own connection, past any master, even one of the user's ssh_config."""
        if self.is_ssh:
            self._use("-o ControlMaster=no -o ControlPath=none")
        else:
            self.reset()

    def reset(self):
        """Ends what there is of a connection, where it can be ended."""
        if getattr(type(self.connection), "reset", None) in (None, ConnectionBase.reset):
            return
        try:
            self.connection.reset()
        except AnsibleError as error:
            display.vvv("rxtune: the connection was not reset: %s" % error)


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    # Those of the module, and what is between here and the host.
    CONTROLLER_ARGUMENTS = {"keepalive": 2, "connect_timeout": 5}

    def run(self, tmp=None, task_vars=None):
        self._supports_check_mode = True
        result = super().run(tmp, task_vars)
        if result.get("skipped") or result.get("failed"):
            return result
        arguments = dict(self._task.args)
        span = arguments.get("confirm_within")
        if not span or self._task.check_mode:
            result.update(self._module(arguments, task_vars))
            return result
        if self._task.async_val:
            result.update(failed=True, msg="confirm_within needs somebody who confirms: it cannot be with async.")
            return result
        self.seconds = seconds_of("confirm_within", span)
        keepalive, timeout = (
            int(arguments.get(name) or default) for name, default in self.CONTROLLER_ARGUMENTS.items()
        )
        arguments["label"] = ("%s %s" % (arguments.get("label") or "ansible", secrets.token_hex(6))).strip()
        self.arguments = arguments
        with FreshConnections(self._connection, keepalive, timeout) as self.connections:
            result.update(self._apply_and_confirm(task_vars))
        return result

    def _module(self, arguments, task_vars):
        return self._execute_module("rxtune.rxtune.profile", arguments, task_vars=task_vars)

    def _apply_and_confirm(self, task_vars):
        # A host that is not there is unreachable, and no change was lost on the way.
        self._low_level_execute_command(":", sudoable=False)
        lost = None
        try:
            applied = self._module(self.arguments, task_vars)
        except AnsibleConnectionFailure as error:
            applied, lost = {}, str(error)
        # The host's clock of it began between these two; this is the later.
        self.deadline = time.monotonic() + self.seconds
        if applied.get("failed") and "module_stdout" in applied:
            lost = applied.get("msg") or "the module ended without a result"
        if lost is not None:
            display.vvv("rxtune: the answer of apply is lost: %s" % lost)
            applied = {"changed": True, "answer_lost": True, "label": self.arguments["label"]}
        elif applied.get("failed") or applied.get("state") != "awaiting-confirmation":
            return applied
        self.connections.only_new_ones()
        return self._confirm(applied, lost)

    def _confirm(self, applied, lost):
        """Asks again and again, each time by a new connection, until the host says how the change stands."""
        is_confirmed = self._is_true("confirm")
        if self.arguments.get("connect_within"):
            end = self.deadline - self.seconds + seconds_of("connect_within", self.arguments["connect_within"])
        elif is_confirmed:
            # After the deadline the host is rolled back; a while longer, to hear it say so.
            end = self.deadline + self.connections.timeout + 5
        else:
            # The rest of the time belongs to what comes before the confirmation, on this host and on those that wait for it.
            end = self.deadline - self.seconds / 2
        trouble = lost or ""
        contact = None
        sent = False
        pause = 0.5
        while True:
            try:
                change = self._change()
                state = (change or {}).get("state")
                if change:
                    applied.update(id=change["id"], state=state)
                if state == "awaiting-confirmation" and not is_confirmed:
                    applied["deadline"] = change.get("deadline")
                    return applied
                if state == "awaiting-confirmation":
                    sent = True
                    document = self._rxtune("confirm", change["id"])
                    if "error" not in document:
                        state = document["state"]
                    else:
                        trouble = sentence(document["error"])
                if state == "in-force":
                    applied.update(state=state)
                    applied.pop("deadline", None)
                    return applied
                if state in OVER:
                    applied["changed"] = False
                    return self._failure(applied, "Change %s %s before it was confirmed." % (change["id"], OVER[state]))
                if state is None:
                    # The module may have been on its way when the connection was lost.
                    contact = contact or time.monotonic()
                    if time.monotonic() - contact > 5:
                        return self._failure(
                            dict(applied, changed=False),
                            "rxtune changed nothing before the connection was lost (%s). Run it again." % trouble.strip())
                if state == "interrupted" and time.monotonic() > self.deadline:
                    self._rxtune("rollback", change["id"])
            except AnsibleConnectionFailure as error:
                trouble = str(error)
                self.connections.reset()
            if time.monotonic() > end:
                return self._unreachable(applied, trouble, sent)
            display.vvv("rxtune: not confirmed yet: %s" % trouble)
            time.sleep(pause)

    def _change(self):
        """The change as `rxtune history` has it now; None if it has none."""
        document = self._rxtune("history")
        if "changes" not in document:
            raise AnsibleConnectionFailure("rxtune history: %s" % sentence(document.get("error", {})))
        return by_label(document["changes"], self.arguments["label"])

    def _rxtune(self, *arguments):
        """Runs rxtune by one connection, without files or an interpreter: its document."""
        command = [self.arguments.get("executable") or "rxtune", *arguments, "--json"]
        if self.arguments.get("state_dir"):
            command += ["--state-dir", self.arguments["state_dir"]]
        line = "PATH=$PATH:%s %s%s" % (":".join(DIRECTORIES), self._compute_environment_string(), shlex.join(command))
        answer = self._low_level_execute_command(line, sudoable=True)
        document = last_document(answer["stdout"])
        if document is None:
            raise AnsibleConnectionFailure(
                "%s: exit status %s: %s" % (shlex.join(command), answer["rc"], answer["stderr"].strip()))
        return document

    def _is_true(self, name):
        value = self.arguments.get(name, True)
        return value if isinstance(value, bool) else str(value).lower() in ("yes", "true", "on", "1", "y", "t")

    @staticmethod
    def _failure(applied, message):
        return dict(applied, failed=True, msg=message)

    def _unreachable(self, applied, trouble, sent):
        # Nobody can tidy up there now.
        self._connection._shell.tmpdir = None
        trouble = (trouble.strip() or "no answer").splitlines()[-1]
        if sent:
            message = "The answer to the confirmation is lost (%s): rxtune history on the host tells whether it arrived." % trouble
        else:
            message = (
                "No new connection came up after apply (%s). What it changed, the host rolls back by itself %s later, as nobody "
                "confirmed it." % (trouble, self.arguments["confirm_within"]))
        return dict(applied, unreachable=True, changed=False, msg=message)
