#ifdef RXTUNE_STAND_INS
#include <stdlib.h>

/* What ArgumentParser's asynchronous commands run on. rxtune has none, and would carry Swift's
   concurrency and libdispatch for them. Weak, as those of foundation.c. */
#define FUNCTION(name)                                            \
  __attribute__((weak, visibility("hidden"))) void name(void);    \
  void name(void) { abort(); }

FUNCTION(swift_task_alloc)
FUNCTION(swift_task_dealloc)
FUNCTION(swift_task_switch)
#endif
