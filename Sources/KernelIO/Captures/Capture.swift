package import Netlink

/// A recorded host: every question that a reading command asked a kernel, with its answers.
///
/// The file is text, so that a change shows in a diff. The first bytes of a line tell what it is:
///
///     rxtune-capture 1                    the format and its version
///     kernel 6.12.0-amd64                 the header: machine, date, rxtune, uid, redacted
///
///     read /proc/sys/net/core/somaxconn   a question; a backslash escapes what is not text
///     |4096                               its answer: a line of a file, or one name
///     read /sys/class/net/lo/speed
///     !EINVAL                             a refusal: errno, extended ack, and the words
///     mode /proc/irq/36/smp_affinity      permission bits, in octal
///     |444
///     netlink generic 20 0x300 subject    bus, type, flags; the subject is for the reader
///     >0f010000 08000180                  the request's payload
///     <20                                 a reply's type,
///     =0f020000 1c000180  ; ....          and its payload; a remark follows the semicolon
///     ethtool 0x3 eth0                    SIOCETHTOOL: `>` what went in, `=` what came out
///     end 4                               how many exchanges there are
///
/// `\text` is a file's last line that lacks its newline, `=*64` stands for 64 bytes of zero,
/// and lines that begin with `#` are remarks. A host at two moments is two captures one behind the
/// other, of which the first is the whole host.
package struct Capture: Hashable, Sendable {
  /// Where and when a capture was made.
  package struct Host: Hashable, Sendable {
    package var kernelRelease: String
    package var machine: String
    /// UTC, ISO 8601.
    package var date: String
    package var rxtuneVersion: String
    /// The effective user: what was refused to it may be there for root.
    package var userID: UInt32
    package var isRedacted = false

    package init(
      kernelRelease: String, machine: String, date: String, rxtuneVersion: String, userID: UInt32
    ) {
      self.kernelRelease = kernelRelease
      self.machine = machine
      self.date = date
      self.rxtuneVersion = rxtuneVersion
      self.userID = userID
    }
  }

  package enum Question: Hashable, Sendable {
    case read(KernelPath)
    case list(KernelPath)
    case readLink(KernelPath)
    case mode(KernelPath)
    case netlink(NetlinkRequest)
    case ethtool(device: String, data: [UInt8])
  }

  package enum Answer: Hashable, Sendable {
    /// Of `read` and `ethtool`.
    case bytes([UInt8])
    /// Of `list`; of `readLink` and `mode`, which have one.
    case strings([String])
    /// Of `netlink`.
    case messages([NetlinkMessage])
    case refused(Errno, ExtendedAck?)
    /// The kernel's reply did not decode.
    case malformed(DecodeError)
  }

  package struct Exchange: Hashable, Sendable {
    package var question: Question
    package var answer: Answer

    package init(_ question: Question, _ answer: Answer) {
      self.question = question
      self.answer = answer
    }
  }

  package static let version = 1
  static let magic = "rxtune-capture"

  package var host: Host
  /// In the order in which they were made. A question may recur: counters are read twice.
  package var exchanges: [Exchange]

  package init(_ host: Host, exchanges: [Exchange] = []) {
    self.host = host
    self.exchanges = exchanges
  }

  /// The file's bytes, which `parse` reads back to an equal capture.
  package func write() -> [UInt8] {
    var writer = CaptureWriter()
    writer.write(self)
    return writer.bytes
  }

  /// The first moment of a file.
  package static func parse(_ bytes: [UInt8]) throws(CaptureError) -> Capture {
    var parser = CaptureParser(bytes)
    let first = try parser.parse()
    // What follows has to be right, too.
    while !parser.isAtEnd { _ = try parser.parse() }
    return first
  }

  /// All moments of a file, at least one: captures one behind the other.
  package static func moments(_ bytes: [UInt8]) throws(CaptureError) -> [Capture] {
    var parser = CaptureParser(bytes)
    var moments = [try parser.parse()]
    while !parser.isAtEnd { moments.append(try parser.parse()) }
    return moments
  }
}
