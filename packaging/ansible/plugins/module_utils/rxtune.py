# Copyright: The rxtune authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rxtune program of a managed host, called with --json."""

from __future__ import annotations

import json
import re

# What `rxtune` of another schema prints may read otherwise than these modules take it.
SCHEMA = 2

# Where `rxtune` is looked for besides the PATH that a login without a profile has.
DIRECTORIES = ["/usr/local/bin", "/usr/local/sbin", "/usr/sbin"]


def last_document(text):
    """The last JSON document of an output, as a dict; None if there is none."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
        for line in reversed(text.splitlines()):
            try:
                found = json.loads(line)
                break
            except ValueError:
                continue
    return found if isinstance(found, dict) else None


def sentence(error):
    """An error document's message and what to try."""
    parts = [error.get("message", "").strip(), error.get("remedy", "").strip()]
    return " ".join(part if part.endswith((".", "!", "?")) else part + "." for part in parts if part)


# States of a change that `rxtune rollback` can undo, or finish undoing.
UNDOABLE = ["interrupted", "in-force", "awaiting-confirmation", "rolled-back-in-part"]


def by_label(changes, label):
    """The newest change that carries this label, or this one and a word that sets it apart; None if there is none."""
    apart = re.compile(re.escape(label) + "( [0-9a-f]{12})?$")
    return next((change for change in reversed(changes) if apart.match(change.get("label", ""))), None)


def chosen(module, changes):
    """The change that a module's id or label names; None if none has that label. No such id ends the module."""
    name, label = module.params["id"], module.params["label"]
    if name:
        change = next((change for change in changes if change["id"] == name), None)
    else:
        change = by_label(changes, label)
    if change is None and name:
        module.fail_json(msg="There is no change %s in the history of this host." % name)
    return change


def described(change):
    """A change and how it stands, in words."""
    text = "Change %s (%s)" % (change["id"], change.get("label") or change.get("command") or "damaged")
    if "deadline" in change:
        return "%s waits to be confirmed until %s" % (text, change["deadline"])
    return "%s is %s" % (text, change.get("state", "damaged").replace("-", " "))


def words(value):
    """A value of a profile in rxtune's words: YAML's truth was written as on or off."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        return {key: words(item) for key, item in value.items()}
    if isinstance(value, list):
        return [words(item) for item in value]
    return value


def profile_text(content):
    """A profile as rxtune reads it. JSON is YAML."""
    return content if isinstance(content, str) else json.dumps(words(content), indent=1)


def place_text(place):
    """A place as one word or two: "eth0 rx-2", "cpu3", "host"."""
    if place.get("host") or place.get("netns"):
        return "host" if place.get("host") else "netns"
    parts = []
    if "device" in place:
        parts.append(place["device"])
    if "queue" in place:
        parts.append("%s-%s" % (place.get("direction", "rx"), place["queue"]))
    if "napi-rank" in place:
        parts.append("napi-%s" % place["napi-rank"])
    if "vector-of" in place:
        parts.append("vector of rx-%s" % place["vector-of"])
    elif "interrupt" in place:
        parts.append(place["interrupt"])
    elif "irq" in place:
        parts.append("irq %s" % place["irq"])
    if "cpu" in place:
        parts.append("cpu%s" % place["cpu"])
    return " ".join(parts)


def value_text(value):
    """A value as rxtune writes it on its command line, nearly: lists with commas, on and off."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ",".join(value_text(item) for item in value)
    return str(value)


def diff(before, after, header):
    """Ansible's diff of two lists of (knob, place, value)."""

    def lines(settings):
        return "".join(
            "%s %s: %s\n" % (place_text(place), knob, value_text(value))
            for knob, place, value in settings
            if value is not None
        )

    return {
        "before_header": header,
        "after_header": header,
        "before": lines(before),
        "after": lines(after),
    }


def plan_diff(plan, header):
    """Ansible's diff of a plan: the old and the wanted value of every write."""
    changes = plan.get("changes", [])
    return diff(
        [(change["knob"], change["place"], change.get("old")) for change in changes],
        [(change["knob"], change["place"], change["wanted"]) for change in changes],
        header,
    )


class Rxtune:
    """Calls rxtune for a module, and ends the module where rxtune fails."""

    # What every module takes.
    ARGUMENTS = {
        "executable": {"type": "path", "default": "rxtune"},
        "state_dir": {"type": "path"},
    }

    def __init__(self, module):
        self.module = module
        self.program = module.get_bin_path(module.params["executable"], required=True, opt_dirs=DIRECTORIES)

    def command(self, arguments, state=True):
        """The whole command: the program, its arguments, --json and the state directory."""
        command = [self.program] + list(arguments) + ["--json"]
        if state and self.module.params.get("state_dir"):
            command += ["--state-dir", self.module.params["state_dir"]]
        return command

    def run(self, arguments, data=None, state=True):
        """Runs a command: its exit status, its document (None without one), its standard error."""
        status, output, errors = self.module.run_command(
            self.command(arguments, state), data=data, handle_exceptions=True
        )
        document = last_document(output)
        if document is not None:
            schema = document.get("rxtune", {}).get("schema", 1)
            if schema != SCHEMA:
                self.module.fail_json(
                    msg="%s speaks schema %s of its JSON documents; this collection needs %s. "
                    "Install the rxtune that goes with it: role rxtune.rxtune.install."
                    % (self.program, schema, SCHEMA),
                    executable=self.program,
                )
        return status, document, errors

    def read(self, arguments, data=None, state=True, good=(0,), **facts):
        """Runs a command whose failure is the module's: its exit status and its document."""
        status, document, errors = self.run(arguments, data, state)
        if status not in good or document is None or "error" in document:
            self.fail(arguments, status, document, errors, **facts)
        return status, document

    def fail(self, arguments, status, document, errors, **facts):
        """Ends the module with what rxtune says of its failure."""
        error = (document or {}).get("error")
        if error:
            facts["error"] = error
            facts["msg"] = sentence(error)
        else:
            facts["msg"] = "rxtune %s: exit status %d: %s" % (
                " ".join(arguments),
                status,
                errors.strip() or "it printed no JSON",
            )
        self.module.fail_json(rc=status, executable=self.program, **facts)

    def envelope(self):
        """What every document tells of the rxtune that wrote it, and of the host."""
        return self.read(["profile", "list"], state=False)[1]["rxtune"]

    def history(self):
        """The changes, oldest first. A damaged journal is among them, and no failure."""
        status, document, errors = self.run(["history"])
        if document is None or "changes" not in document:
            self.fail(["history"], status, document, errors)
        return document["changes"]
