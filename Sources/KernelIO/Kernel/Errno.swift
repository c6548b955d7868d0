import Glibc

/// An error number of the kernel's, by its symbolic name.
package struct Errno:
  Error, Hashable, Sendable, RawRepresentable, CaseIterable, CustomStringConvertible
{
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let noEntry = Errno(rawValue: ENOENT)
  package static let notPermitted = Errno(rawValue: EPERM)
  package static let accessDenied = Errno(rawValue: EACCES)
  package static let noDevice = Errno(rawValue: ENODEV)
  package static let notSupported = Errno(rawValue: EOPNOTSUPP)
  package static let invalid = Errno(rawValue: EINVAL)
  package static let io = Errno(rawValue: EIO)
  package static let stale = Errno(rawValue: ESTALE)
  package static let wouldBlock = Errno(rawValue: EWOULDBLOCK)
  package static let noSpace = Errno(rawValue: ENOSPC)
  package static let exists = Errno(rawValue: EEXIST)
  package static let tooLarge = Errno(rawValue: EFBIG)
  package static let networkDown = Errno(rawValue: ENETDOWN)
  package static let busy = Errno(rawValue: EBUSY)
  package static let outOfMemory = Errno(rawValue: ENOMEM)
  package static let overflow = Errno(rawValue: EOVERFLOW)
  static let notImplemented = Errno(rawValue: ENOSYS)
  static let noProtocolOption = Errno(rawValue: ENOPROTOOPT)
  static let protocolNotSupported = Errno(rawValue: EPROTONOSUPPORT)
  static let familyNotSupported = Errno(rawValue: EAFNOSUPPORT)
  static let noSuchIoctl = Errno(rawValue: ENOTTY)
  static let noSuchAddress = Errno(rawValue: ENXIO)
  static let noSuchProcess = Errno(rawValue: ESRCH)
  static let notADirectory = Errno(rawValue: ENOTDIR)
  static let interrupted = Errno(rawValue: EINTR)

  /// The symbolic name of each number, and its words, as errno(3) lists them.
  private static let all: [(number: Int32, name: String, words: String)] = [
    (EPERM, "EPERM", "operation not permitted"),
    (ENOENT, "ENOENT", "no such file or directory"),
    (ESRCH, "ESRCH", "no such process"),
    (EINTR, "EINTR", "interrupted system call"),
    (EIO, "EIO", "input/output error"),
    (ENXIO, "ENXIO", "no such device or address"),
    (E2BIG, "E2BIG", "argument list too long"),
    (EBADF, "EBADF", "bad file descriptor"),
    (EAGAIN, "EAGAIN", "resource temporarily unavailable"),
    (ENOMEM, "ENOMEM", "cannot allocate memory"),
    (EACCES, "EACCES", "permission denied"),
    (EFAULT, "EFAULT", "bad address"),
    (EBUSY, "EBUSY", "device or resource busy"),
    (EEXIST, "EEXIST", "already exists"),
    (EXDEV, "EXDEV", "invalid cross-device link"),
    (ENODEV, "ENODEV", "no such device"),
    (ENOTDIR, "ENOTDIR", "not a directory"),
    (EISDIR, "EISDIR", "is a directory"),
    (EINVAL, "EINVAL", "invalid argument"),
    (ENFILE, "ENFILE", "too many open files in system"),
    (EMFILE, "EMFILE", "too many open files"),
    (ENOTTY, "ENOTTY", "inappropriate ioctl for device"),
    (ETXTBSY, "ETXTBSY", "text file busy"),
    (EFBIG, "EFBIG", "file too large"),
    (ENOSPC, "ENOSPC", "no space left on device"),
    (ESPIPE, "ESPIPE", "illegal seek"),
    (EROFS, "EROFS", "read-only file system"),
    (EPIPE, "EPIPE", "broken pipe"),
    (ERANGE, "ERANGE", "numerical result out of range"),
    (EDEADLK, "EDEADLK", "resource deadlock avoided"),
    (ENAMETOOLONG, "ENAMETOOLONG", "file name too long"),
    (ENOSYS, "ENOSYS", "function not implemented"),
    (ENOTEMPTY, "ENOTEMPTY", "directory not empty"),
    (ELOOP, "ELOOP", "too many levels of symbolic links"),
    (ENODATA, "ENODATA", "no data available"),
    (ETIME, "ETIME", "timer expired"),
    (ENOLINK, "ENOLINK", "link has been severed"),
    (EPROTO, "EPROTO", "protocol error"),
    (EBADMSG, "EBADMSG", "bad message"),
    (EOVERFLOW, "EOVERFLOW", "value too large for defined data type"),
    (ENOTUNIQ, "ENOTUNIQ", "name not unique on network"),
    (EUSERS, "EUSERS", "too many users"),
    (ENOTSOCK, "ENOTSOCK", "socket operation on non-socket"),
    (EDESTADDRREQ, "EDESTADDRREQ", "destination address required"),
    (EMSGSIZE, "EMSGSIZE", "message too long"),
    (ENOPROTOOPT, "ENOPROTOOPT", "protocol not available"),
    (EPROTONOSUPPORT, "EPROTONOSUPPORT", "protocol not supported"),
    (EOPNOTSUPP, "EOPNOTSUPP", "not supported"),
    (EPFNOSUPPORT, "EPFNOSUPPORT", "protocol family not supported"),
    (EAFNOSUPPORT, "EAFNOSUPPORT", "address family not supported by protocol"),
    (EADDRINUSE, "EADDRINUSE", "address already in use"),
    (EADDRNOTAVAIL, "EADDRNOTAVAIL", "cannot assign requested address"),
    (ENETDOWN, "ENETDOWN", "network is down"),
    (ENETUNREACH, "ENETUNREACH", "network is unreachable"),
    (ENETRESET, "ENETRESET", "network dropped connection on reset"),
    (ECONNABORTED, "ECONNABORTED", "software caused connection abort"),
    (ECONNRESET, "ECONNRESET", "connection reset by peer"),
    (ENOBUFS, "ENOBUFS", "no buffer space available"),
    (EISCONN, "EISCONN", "transport endpoint is already connected"),
    (ENOTCONN, "ENOTCONN", "transport endpoint is not connected"),
    (ESHUTDOWN, "ESHUTDOWN", "cannot send after transport endpoint shutdown"),
    (ETIMEDOUT, "ETIMEDOUT", "connection timed out"),
    (ECONNREFUSED, "ECONNREFUSED", "connection refused"),
    (EHOSTDOWN, "EHOSTDOWN", "host is down"),
    (EHOSTUNREACH, "EHOSTUNREACH", "no route to host"),
    (EALREADY, "EALREADY", "operation already in progress"),
    (EINPROGRESS, "EINPROGRESS", "operation now in progress"),
    (ESTALE, "ESTALE", "stale file handle"),
    (EUCLEAN, "EUCLEAN", "structure needs cleaning"),
    (EREMOTEIO, "EREMOTEIO", "remote I/O error"),
    (EDQUOT, "EDQUOT", "disk quota exceeded"),
    (ECANCELED, "ECANCELED", "operation canceled"),
    (ENOKEY, "ENOKEY", "required key not available"),
    (524, "ENOTSUPP", "not supported by the kernel"),
  ]

  package static var allCases: [Errno] { all.map { Errno(rawValue: $0.number) } }

  package var name: String? { Self.all.first { $0.number == rawValue }?.name }

  package var description: String { name ?? "errno \(rawValue)" }

  /// "no such file or directory (ENOENT)": the cause, and the number's name behind it.
  package var explained: String {
    let words = Self.all.first { $0.number == rawValue }?.words
    return "\(words ?? "unknown error") (\(description))"
  }

  /// The number of that symbolic name; for captures.
  package init?(name: String) {
    guard let number = Self.all.first(where: { $0.name == name })?.number else { return nil }
    self.init(rawValue: number)
  }
}
