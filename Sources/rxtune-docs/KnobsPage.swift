import Commands
import Knobs
import Rendering

/// rxtune-knobs(7): the catalogue.
struct KnobsPage {
  var text: String {
    var page = Mdoc("rxtune-knobs", section: 7, date: Release.date, version: Release.version)
    page.macro("Sh", "NAME")
    page.macro("Nm", "rxtune-knobs")
    page.macro("Nd", "settings of the Linux receive path")
    page.macro("Sh", "DESCRIPTION")
    page.paragraphs([
      """
      These are the settings that the Linux kernel documents for a packet's way from the network \
      device to an application, in the order in which a packet passes them. A knob has the \
      kernel's own name, after its message or table: coalesce.rx-usecs, net.core.netdev_budget.
      """,
      """
      Only the device knows which of them it supports: ask it with rxtune-get(1). Ranges are the \
      kernel's; a device may report a narrower one, or clamp a value silently. A policy is a \
      word instead of a value; rxtune resolves it on the host. Documents are named by their path \
      below Documentation/ in the kernel's source.
      """,
    ])
    for stage in Stage.allCases {
      page.line(".Sh " + stage.title.uppercased())
      page.line(".Bl -tag -width Ds")
      for knob in Knob.catalogue where knob.stage == stage { Self.entry(knob, &page) }
      page.macro("El")
    }
    page.macro("Sh", "SEE ALSO")
    CommandPage.references(
      [
        "rxtune 1", "rxtune\\-explain 1", "rxtune\\-get 1", "rxtune\\-knobs 1", "socket 7", "tcp 7",
        "ethtool 8",
      ], &page)
    return page.text
  }

  private static func entry(_ knob: Knob, _ page: inout Mdoc) {
    page.line(".It Ic " + Mdoc.escaped(knob.id))
    page.prose(knob.summary + ".")
    if let notes = knob.notes { page.prose(notes) }
    page.line(".Bl -tag -compact -width \"Also called\"")
    for (name, text) in KnobExplanation(knob).properties where name != "Stage" {
      page.line(".It " + Mdoc.escaped(name))
      page.prose(text)
    }
    page.macro("El")
  }
}
