package import KernelIO
import Netlink

extension Host {
  /// Seconds since boot, in hundredths (/proc/uptime, proc_uptime(5)): when a snapshot was taken,
  /// so that two of them, recorded or live, tell the time between.
  package func uptime() throws(KernelError) -> Double {
    let path = KernelPath.proc("uptime")
    let text = try kernel.text(path)
    guard let seconds = text.split(separator: " ").first.flatMap({ Double($0) }),
      seconds.isFinite, seconds >= 0
    else {
      throw KernelError(
        path.description, DecodeError(path.description, offset: 0, "\"\(text)\" is not a time"))
    }
    return seconds
  }
}
