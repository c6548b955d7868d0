package import Netlink

/// The seam: everything that rxtune ever asks of a kernel, in eight verbs.
///
/// `LiveKernel` is the machine, `ReplayKernel` a recorded one, `Recorder` writes down what
/// passes through it. All that is above is the same for the three of them.
package protocol Kernel: AnyObject {
  /// The whole of a file.
  func read(_ path: KernelPath) throws(KernelError) -> [UInt8]

  /// Hands `bytes` to a file in one write(2), as /proc and /sys want it.
  func write(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError)

  /// Names in a directory, sorted by bytes, without "." and "..".
  func list(_ path: KernelPath) throws(KernelError) -> [String]

  func readLink(_ path: KernelPath) throws(KernelError) -> String

  /// Permission bits of a file, as chmod(1) takes them: 0o444. Root may write against them, so
  /// they tell what the kernel means, not what open(2) would say.
  func mode(_ path: KernelPath) throws(KernelError) -> UInt16

  /// A directory's inode number: sysfs gives a new one to each object that it makes, so another
  /// number under a name tells that the object went and came back. No record of a host holds it.
  func inode(_ path: KernelPath) throws(KernelError) -> UInt64

  /// Sends a request and returns its replies: one message, or with `.dump` all of them, or with
  /// `.acknowledge` what came before the acknowledgement.
  func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage]

  /// SIOCETHTOOL: `data` is the command's structure of linux/ethtool.h, its command number
  /// first; the answer is the same structure as the kernel left it.
  func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8]
}

extension Kernel {
  package func inode(_ path: KernelPath) throws(KernelError) -> UInt64 {
    throw KernelError("stat", path.description, .notRecorded)
  }

  /// A file as text, without the white space around it.
  package func text(_ path: KernelPath) throws(KernelError) -> String {
    let bytes = try read(path)
    var slice = bytes[...]
    while let last = slice.last, last <= 0x20 { slice.removeLast() }
    while let first = slice.first, first <= 0x20 { slice.removeFirst() }
    return String(decoding: slice, as: UTF8.self)
  }

  /// Of this kernel's run: another after each boot (random(4)).
  package var bootID: String {
    get throws(KernelError) { try text(.proc("sys/kernel/random/boot_id")) }
  }

  /// Asks for one message.
  package func one(_ request: NetlinkRequest) throws(KernelError) -> NetlinkMessage {
    guard let message = try netlink(request).first else {
      throw KernelError(
        request.subject, DecodeError(request.subject, offset: 0, "the kernel sent no reply"))
    }
    return message
  }

  /// The family of that name; absent where this kernel was built without it.
  package func family(_ name: String) throws(KernelError) -> GenericFamily {
    let request = GenericFamily.request(named: name)
    let reply = try one(request)
    do { return try GenericFamily(reply: reply) } catch {
      throw KernelError(request.subject, error)
    }
  }
}
