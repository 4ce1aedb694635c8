#include <stddef.h>
#include <stdint.h>

void posternFuzzHTTP2(const uint8_t *start, ptrdiff_t count);

int LLVMFuzzerTestOneInput(const uint8_t *start, size_t count) {
    posternFuzzHTTP2(start, (ptrdiff_t)count);
    return 0;
}
