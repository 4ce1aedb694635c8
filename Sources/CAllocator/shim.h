#ifndef CALLOCATOR_SHIM_H
#define CALLOCATOR_SHIM_H
// What Swift's view of the C library leaves out.
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/// Gives whole free pages back to the system (malloc_trim(3)). Nothing where the allocator has no such call.
static inline void allocator_trim(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
#endif
