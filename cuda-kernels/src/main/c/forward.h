// What both forwarding libraries share.
//
// JCuda's native code is linked against libcublas.so.12 and libcudnn.so.8 and finds no newer ones. On a machine that
// has only libcublas.so.13 or libcudnn.so.9 a small library of the old name takes its place: it defines the functions
// that Impromptu calls, under the version node that JCuda asks for, and passes every call on. Symbols are bound when
// they are first called, so the hundreds of functions that nobody calls need not be there.
//
// The newer library is in the process already (CudaLibraries loads it first, wherever it was found), so opening it by
// its name here finds that one.
#pragma once

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// The oldest version of these two, so that a library built on a new system loads on an old one.
__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");

#define EXPORTED __attribute__((visibility("default")))

// The hash of the sources, written into the library by scripts/forwarding: a test compares it.
#define STRING(x) #x
#define QUOTE(x) STRING(x)
EXPORTED const char impromptu_forward_source[] = "source-sha256: " QUOTE(SOURCE_SHA256);

static void* target(void) {
  static void* library;
  void* found = __atomic_load_n(&library, __ATOMIC_ACQUIRE);
  if (found == NULL) {
    found = dlopen(TARGET, RTLD_LAZY | RTLD_LOCAL);
    __atomic_store_n(&library, found, __ATOMIC_RELEASE);
  }
  return found;
}

// The function of this name in the newer library, or null where that has none.
static void* function(void** slot, const char* name) {
  void* found = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
  if (found == NULL && target() != NULL) {
    found = dlsym(target(), name);
    __atomic_store_n(slot, found, __ATOMIC_RELEASE);
  }
  return found;
}

// A function that returns a status: passes the call on and hands the status through OLD_STATUS. What the newer
// library lost answers "not supported"; where there is no library at all, "not initialized".
#define FORWARD(name, parameters, arguments)                                          \
  EXPORTED int name parameters {                                                      \
    static void* slot;                                                                \
    int(*real) parameters = (int(*) parameters)function(&slot, #name);                \
    if (real == NULL) return target() == NULL ? NOT_INITIALIZED : NOT_SUPPORTED;      \
    return OLD_STATUS(real arguments);                                                \
  }
