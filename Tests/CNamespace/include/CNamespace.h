#ifndef RXTUNE_CNAMESPACE_H
#define RXTUNE_CNAMESPACE_H

/// Moves the calling thread to a network namespace of its own, with a /sys that shows it.
/// The namespace goes with the thread. Returns 0, or the errno.
int rxtune_enter_private_network(void);

#endif
