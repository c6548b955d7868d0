package import KernelIO
package import Netlink

/// The host that is looked at: its kernel, and what of it is asked for once and kept.
package final class Host {
  package let kernel: any Kernel
  private var families: [(name: String, family: GenericFamily)] = []
  private var missingFamilies: [(name: String, error: KernelError)] = []
  /// What the kernel told that is not known here; nil where nobody asks for it.
  var unknown: UnknownAttributes?

  package init(_ kernel: any Kernel) {
    self.kernel = kernel
  }

  /// From here on, takes down what the kernel tells that is not known here.
  package func collectUnknownAttributes() { unknown = UnknownAttributes() }

  /// A generic netlink family, resolved at first use.
  package func family(_ name: String) throws(KernelError) -> GenericFamily {
    if let known = families.first(where: { $0.name == name }) { return known.family }
    if let missing = missingFamilies.first(where: { $0.name == name }) { throw missing.error }
    do {
      let family = try kernel.family(name)
      families.append((name, family))
      unknown?.note(family) { operation in
        switch name {
        case EthtoolFamily.name: EthtoolFamily.isKnown(operation)
        case NetdevFamily.name: NetdevFamily.isKnown(operation)
        default: true
        }
      }
      return family
    } catch {
      missingFamilies.append((name, error))
      throw error
    }
  }
}
