#ifdef RXTUNE_STAND_INS
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* ArgumentParser uses two things of FoundationEssentials: its encoder of JSON, for the hidden
   --experimental-dump-help, and LocalizedError, which no error of rxtune is. For them the linker
   would take all of the library: a quarter of the binary, and a third of the conformances among
   which Swift looks up a type at each start.

   Weak, so that the library's own win where something else asks for it. */
#define STAND_IN __attribute__((weak, visibility("hidden")))

static _Noreturn void isMissing(void) {
  static const char text[] =
      "rxtune: error: this build leaves out --experimental-dump-help; a debug build has it\n";
  (void)!write(STDERR_FILENO, text, sizeof text - 1);
  _exit(EXIT_FAILURE);
}

#define FUNCTION(name, symbol)         \
  STAND_IN void name(void) __asm__(symbol); \
  void name(void) { isMissing(); }

FUNCTION(encoderType, "$s20FoundationEssentials11JSONEncoderCMa")
FUNCTION(encoderInit, "$s20FoundationEssentials11JSONEncoderCACycfc")
FUNCTION(sortedKeys, "$s20FoundationEssentials11JSONEncoderC16OutputFormattingV10sortedKeysAEvau")
FUNCTION(prettyPrinted,
         "$s20FoundationEssentials11JSONEncoderC16OutputFormattingV13prettyPrintedAEvau")
FUNCTION(stringInit, "$sSS20FoundationEssentialsE4data8encodingSSSgAA4DataVh_SSAAE8EncodingVtcfC")
FUNCTION(utf8, "$sSS20FoundationEssentialsE8EncodingV4utf8ACvau")

/* The descriptor of a protocol (TargetProtocolDescriptor of swift/ABI/Metadata.h) to which nothing
   conforms. */
struct Protocol {
  uint32_t flags;
  int32_t parent, name;
  uint32_t signatureRequirements, requirements;
  int32_t associatedTypeNames;
};
STAND_IN extern const struct Protocol localizedError
    __asm__("$s20FoundationEssentials14LocalizedErrorMp");
/* Of any type, the only one of its name, a protocol. */
const struct Protocol localizedError = {.flags = 1 << 16 | 1 << 6 | 3};
#endif
