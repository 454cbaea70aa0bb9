/* What Microsoft's compiler takes in C++. */
#include "driver_msvc.h"

EXTERN_C_START
DRIVER_INITIALIZE DriverEntry;
EXTERN_C_END

/* Practice: suffixes of sized integers. */
static_assert(0xFFui64 + 1i64 == 256, "suffixes");
static_assert(sizeof(1i64) == 8 && sizeof(1ui32) == 4 && sizeof(1i16) == 2, "");
constexpr unsigned __int64 Largest = 0xFFFFFFFFFFFFFFFFui64;
static_assert(Largest + 1 == 0, "all 64 bits");

/* Practice: an interface, and a class that is only derived from. */
__interface Reader {
  virtual NTSTATUS Read() = 0;
};
struct __declspec(novtable) Base : Reader {
  ULONG Value = 0;
};
struct Derived final : Base {
  NTSTATUS Read() override {
    Value++;
    return STATUS_SUCCESS;
  }
};

/* Practice: an enumeration with a type. */
enum class Kind : UCHAR { Send = 1, Receive = 2 };
DEFINE_ENUM_FLAG_OPERATORS(Kind)
enum Old : ULONG { OldFirst = 0x80000000 };

EXTERN_C NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) {
  Derived Object;
  Reader *By = &Object;

  EXPECT(By->Read() == STATUS_SUCCESS && Object.Value == 1);
  EXPECT(static_cast<UCHAR>(Kind::Send | Kind::Receive) == 3);
  EXPECT(sizeof(Kind) == 1 && OldFirst > 0);
  return CheckAll();
}
