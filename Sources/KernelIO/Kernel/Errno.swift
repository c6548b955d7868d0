import Glibc

/// An error number of the kernel's, by its symbolic name.
package struct Errno: Error, Hashable, Sendable, RawRepresentable, CustomStringConvertible {
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
  package static let noData = Errno(rawValue: ENODATA)
  package static let networkDown = Errno(rawValue: ENETDOWN)

  /// The symbolic name of each number, as errno(3) lists them.
  private static let names: [(number: Int32, name: String)] = [
    (EPERM, "EPERM"), (ENOENT, "ENOENT"), (ESRCH, "ESRCH"), (EINTR, "EINTR"), (EIO, "EIO"),
    (ENXIO, "ENXIO"), (E2BIG, "E2BIG"), (EBADF, "EBADF"), (EAGAIN, "EAGAIN"), (ENOMEM, "ENOMEM"),
    (EACCES, "EACCES"), (EFAULT, "EFAULT"), (EBUSY, "EBUSY"), (EEXIST, "EEXIST"),
    (ENODEV, "ENODEV"), (ENOTDIR, "ENOTDIR"), (EISDIR, "EISDIR"), (EINVAL, "EINVAL"),
    (ENFILE, "ENFILE"), (EMFILE, "EMFILE"), (ENOTTY, "ENOTTY"), (EFBIG, "EFBIG"),
    (ENOSPC, "ENOSPC"), (ESPIPE, "ESPIPE"), (EROFS, "EROFS"), (EPIPE, "EPIPE"), (ERANGE, "ERANGE"),
    (ENAMETOOLONG, "ENAMETOOLONG"), (ENOSYS, "ENOSYS"), (ELOOP, "ELOOP"), (ENODATA, "ENODATA"),
    (EOVERFLOW, "EOVERFLOW"), (EPROTO, "EPROTO"), (EMSGSIZE, "EMSGSIZE"),
    (ENOPROTOOPT, "ENOPROTOOPT"), (EPROTONOSUPPORT, "EPROTONOSUPPORT"), (EOPNOTSUPP, "EOPNOTSUPP"),
    (EAFNOSUPPORT, "EAFNOSUPPORT"), (EADDRINUSE, "EADDRINUSE"), (EADDRNOTAVAIL, "EADDRNOTAVAIL"),
    (ENETDOWN, "ENETDOWN"), (ENETUNREACH, "ENETUNREACH"), (ENOBUFS, "ENOBUFS"),
    (ETIMEDOUT, "ETIMEDOUT"), (ECONNREFUSED, "ECONNREFUSED"), (ECONNRESET, "ECONNRESET"),
    (EHOSTUNREACH, "EHOSTUNREACH"), (EALREADY, "EALREADY"), (EINPROGRESS, "EINPROGRESS"),
    (ESTALE, "ESTALE"), (ECANCELED, "ECANCELED"), (EUCLEAN, "EUCLEAN"), (EREMOTEIO, "EREMOTEIO"),
    (ENOTUNIQ, "ENOTUNIQ"), (EBADMSG, "EBADMSG"),
  ]

  package var name: String? { Self.names.first { $0.number == rawValue }?.name }

  package var description: String { name ?? "errno \(rawValue)" }

  /// The number of that symbolic name; for captures.
  package init?(name: String) {
    guard let number = Self.names.first(where: { $0.name == name })?.number else { return nil }
    self.init(rawValue: number)
  }
}
