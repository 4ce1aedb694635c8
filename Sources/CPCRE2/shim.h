#ifndef CPCRE2_SHIM_H
#define CPCRE2_SHIM_H
// The library has one set of functions per code unit width; routes are bytes.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif
