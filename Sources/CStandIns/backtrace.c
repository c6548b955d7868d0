#include <stddef.h>

/* What Swift's runtime gets in the release binary where it asks for the path of a program of its own;
   it needs but one, swift-backtrace, which a server does not have. */
const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name);
const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name) {
  (void)name;
  return NULL;
}
