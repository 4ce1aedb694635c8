#include <stddef.h>
#include <stdint.h>

void posternFuzzPeerNIOHTTP1(const uint8_t *start, ptrdiff_t count);

int LLVMFuzzerTestOneInput(const uint8_t *start, size_t count) {
    posternFuzzPeerNIOHTTP1(start, (ptrdiff_t)count);
    return 0;
}
