#ifdef RXTUNE_STAND_INS
/* Symbols that glibc has in a newer version, or only since 2.35: without them the binary runs from
   2.34 on (RHEL 9, Ubuntu 22.04). Tests/binary.sh holds it. */

#if defined(__x86_64__)
#define FIRST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define FIRST "GLIBC_2.17"
#endif

#ifdef FIRST
/* swift-numerics has them for whoever asks. The new version sets no errno; nobody reads it. */
double rxtune_hypot(double x, double y);
float rxtune_hypotf(float x, float y);
__asm__(".symver rxtune_hypot, hypot@" FIRST);
__asm__(".symver rxtune_hypotf, hypotf@" FIRST);

__attribute__((visibility("hidden"))) double hypot(double x, double y);
double hypot(double x, double y) { return rxtune_hypot(x, y); }
__attribute__((visibility("hidden"))) float hypotf(float x, float y);
float hypotf(float x, float y) { return rxtune_hypotf(x, y); }
#endif

/* Asked by the unwinder of C++ exceptions (libgcc). Nothing here throws any, and one that nobody
   catches ends the program whether it is unwound or not. */
__attribute__((visibility("hidden"))) int _dl_find_object(void *address, void *result);
int _dl_find_object(void *address, void *result) {
  (void)address, (void)result;
  return -1;
}
#endif
