// The driver in a test program: started, loaded, unloaded, nothing left behind.
#include <cstdio>
#include <uwsk/uwsk.h>

extern "C" uwsk_ntstatus DriverEntry(struct _DRIVER_OBJECT *,
                                     struct _UNICODE_STRING *);

static int complain(const char *what, long value) {
  std::fprintf(stderr, "parcel_test: %s: %ld\n", what, value);
  return 1;
}

int main() {
  struct _DRIVER_OBJECT *driver = nullptr;

  if (int error = uwsk_start(nullptr))
    return complain("uwsk_start", error);
  uwsk_ntstatus status = uwsk_load_driver("parcel", DriverEntry, &driver);
  if (status != 0)
    return complain("DriverEntry", status);
  uwsk_unload_driver(driver);
  if (int left = uwsk_stop())
    return complain("left behind", left);
  return 0;
}
