#include <stddef.h>
#include <stdint.h>

void posternFuzzHPACK(const uint8_t *start, ptrdiff_t count);

int LLVMFuzzerTestOneInput(const uint8_t *start, size_t count) {
    posternFuzzHPACK(start, (ptrdiff_t)count);
    return 0;
}
