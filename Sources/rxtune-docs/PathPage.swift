import Commands
import Knobs

/// rxtune-path(7): the way of a packet in short, a stage a paragraph. The long form is man/guide.
struct PathPage {
  private struct Step {
    var title: String
    /// nil is a step without knobs of its own.
    var stage: Stage?
    var text: String
    /// What counts a packet that is lost here.
    var lost: String?
  }

  private static let steps: [Step] = [
    Step(
      title: "Device", stage: .device,
      text: """
        The driver finds the card at boot, asks for an interrupt vector for each queue, and \
        registers the device. Bringing it up allocates the rings and starts the link; so does \
        whatever resets the device, and settings of queues may begin at the driver's choice again.
        """, lost: "rx_errors and its parts: damaged on the wire."),
    Step(
      title: "RSS", stage: .rss,
      text: """
        The card hashes addresses and ports, looks the hash up in a table, and so chooses the \
        receive queue. The queue's CPU does the rest of the work, unless RPS moves it.
        """),
    Step(
      title: "Ring", stage: .ring,
      text: """
        The card writes the packet to the next empty buffer of the queue's ring. The ring is all \
        the slack that there is between the wire and the CPU.
        """,
      lost: "drops of the queue, rx_missed_errors or rx_fifo_errors: no buffer was empty."),
    Step(
      title: "IRQ", stage: .irq,
      text: """
        The queue's vector interrupts one CPU of its affinity, at once or after the delay that \
        coalescing allows. The handler turns the interrupt off and schedules the queue's NAPI \
        instance on that CPU.
        """),
    Step(
      title: "NAPI", stage: .napi,
      text: """
        The softirq, or a thread, polls the queue, 64 packets at a time, until nothing is left or \
        the budget of the cycle is used up. While it polls, the interrupt stays off.
        """, lost: "nothing; time_squeeze counts cycles that ended with work left."),
    Step(
      title: "GRO", stage: .gro,
      text: """
        Packets of one flow that came in the same poll are merged, up to 64 KB, so that the stack \
        does its work once for all of them.
        """),
    Step(
      title: "RPS and RFS", stage: .rps,
      text: """
        If the queue has an RPS mask, the packet goes to the backlog of another CPU: one by its \
        hash, or with RFS the one whose program reads the flow. Devices without NAPI, such as \
        loopback, use the same backlog.
        """, lost: "dropped of softnet: the backlog was full."),
    Step(
      title: "Protocol",
      text: """
        Taps, traffic control, bridges and VLANs see the packet; then IP, netfilter and the route; \
        then TCP or UDP looks up the socket. There is no queue here.
        """,
      lost: "rx_dropped: no protocol wanted it. UdpNoPorts: no socket. netfilter: its own counters."
    ),
    Step(
      title: "Socket", stage: .socket,
      text: """
        A connection waits in its listener's accept queue until the program accepts it, data in the \
        socket's buffer until the program reads it. Listeners may share a port by SO_REUSEPORT, \
        with an accept queue each.
        """,
      lost: "TcpExtListenOverflows, TcpExtListenDrops, UdpRcvbufErrors, and drops of the socket."),
    Step(
      title: "Transmit", stage: .transmit,
      text: """
        The answer takes a queueing discipline and a transmit queue, which XPS chooses by CPU. \
        Completions come back by an interrupt, mostly that of a receive queue.
        """, lost: "tx_dropped, and the drops of the queueing discipline."),
  ]

  var text: String {
    var page = Mdoc("rxtune-path", section: 7, date: Release.date, version: Release.version)
    page.macro("Sh", "NAME")
    page.macro("Nm", "rxtune-path")
    page.macro("Nd", "the way of a packet through a Linux server")
    page.macro("Sh", "DESCRIPTION")
    page.paragraphs([
      """
      A packet passes these stages on its way from the network device to a program. Each has its \
      own queue, its own CPU and its own counter for what it loses; rxtune-show(1) prints them in \
      this order.
      """,
      """
      Counters are since boot: rxtune-doctor(1) and rxtune-top(1) say what grows now, and \
      rxtune-trace(1) how long packets take from stage to stage.
      """,
    ])
    for step in Self.steps {
      page.line(".Sh " + step.title.uppercased())
      page.prose(step.text)
      let knobs = step.stage.map { stage in Knob.catalogue.count { $0.stage == stage } } ?? 0
      if step.lost == nil && knobs == 0 { continue }
      page.line(".Bl -tag -compact -width \"Settings\"")
      if let lost = step.lost {
        page.line(".It Lost")
        page.prose(lost)
      }
      if let stage = step.stage, knobs > 0 {
        page.line(".It Settings")
        page.prose("rxtune knobs \(stage.rawValue) lists \(knobs).")
      }
      page.macro("El")
    }
    page.macro("Sh", "SEE ALSO")
    CommandPage.references(
      [
        "rxtune 1", "rxtune\\-doctor 1", "rxtune\\-show 1", "rxtune\\-top 1", "rxtune\\-trace 1",
        "rxtune\\-knobs 7",
      ], &page)
    return page.text
  }
}
