#include <stddef.h>
#include <stdint.h>

void posternFuzzRequestFieldList(const uint8_t *start, ptrdiff_t count);

int LLVMFuzzerTestOneInput(const uint8_t *start, size_t count) {
    posternFuzzRequestFieldList(start, (ptrdiff_t)count);
    return 0;
}
