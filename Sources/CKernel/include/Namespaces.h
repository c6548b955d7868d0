#ifndef RXTUNE_NAMESPACES_H
#define RXTUNE_NAMESPACES_H

/// Moves this process, still of one thread, into new network and mount namespaces, with /sys
/// mounted to show the devices of the first. They vanish with the process. 0, or the errno.
int rxtune_enter_new_network(void);

/// SIGKILL for this process when its parent dies. 0, or the errno; ESRCH where it already has.
int rxtune_die_with_parent(int parent);

#endif
