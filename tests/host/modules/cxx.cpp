/*
 * A driver in C++ with static objects, and the operators that drivers define.
 * Bugs it defends against: static objects that are made before there is a
 * kernel, or unmade after it; and operators that end in the host's heap.
 */
#include <new>
#include <type_traits>
#include <utility>

#include <ntddk.h>

extern "C" {
DRIVER_INITIALIZE DriverEntry;
unsigned uwsk_parameter(const char *name, unsigned fallback);
void uwsk_driver_done(void);
}

static constexpr ULONG Tag = 'tatS';
static constexpr ULONG ArrayTag = 'rrAC';

/* ---- what drivers put in place of the C++ library's --------------------- */

static ULONG Sized, Aligned, Arrays;

void *operator new(size_t Size, POOL_FLAGS Flags, ULONG PoolTag) {
  return ExAllocatePool2(Flags, Size, PoolTag);
}
void *operator new[](size_t Size, POOL_TYPE Type, ULONG PoolTag) {
  return ExAllocatePoolWithTag(Type, Size, PoolTag);
}
void *operator new(size_t Size, std::align_val_t Alignment, ULONG PoolTag) {
  NT_ASSERT(static_cast<size_t>(Alignment) <= 64);
  return ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_CACHE_ALIGNED, Size,
                         PoolTag);
}
void operator delete(void *Memory) noexcept {
  ExFreePool(Memory);
}
void operator delete(void *Memory, size_t) noexcept {
  Sized++;
  ExFreePool(Memory);
}
void operator delete(void *Memory, size_t, std::align_val_t) noexcept {
  Aligned++;
  ExFreePool(Memory);
}
void operator delete[](void *Memory) noexcept {
  Arrays++;
  ExFreePoolWithTag(Memory, ArrayTag);
}
void operator delete[](void *Memory, size_t) noexcept {
  Arrays++;
  ExFreePoolWithTag(Memory, ArrayTag);
}

/* ---- a static object ---------------------------------------------------- */

/* Lives in pool, from before DriverEntry until after DriverUnload. */
class Journal {
public:
  Journal() : Text_(new (POOL_FLAG_NON_PAGED, Tag) Entry) {
    KeInitializeSpinLock(&Lock_);
    DbgPrint("cxx: the journal opens at IRQL %d\n", KeGetCurrentIrql());
  }
  ~Journal() {
    DbgPrint("cxx: the journal closes with %lu\n", Text_->Count);
    if (!Forget)
      delete Text_;
  }
  void Add() {
    KIRQL Old;
    KeAcquireSpinLock(&Lock_, &Old);
    Text_->Count++;
    KeReleaseSpinLock(&Lock_, Old);
  }
  bool Forget = false;

private:
  struct Entry {
    ULONG Count = 0;
  };
  Entry *Text_;
  KSPIN_LOCK Lock_;
};

static Journal Book;

/* ---- objects of all kinds ----------------------------------------------- */

struct Counted {
  Counted() {
    Alive++;
  }
  virtual ~Counted() {
    Alive--;
  }
  static inline LONG Alive = 0;
};

struct __declspec(novtable) Named : Counted {
  explicit Named(PCWSTR Text) {
    RtlInitUnicodeString(&Name, Text);
  }
  UNICODE_STRING Name;
};

struct alignas(64) Line {
  UCHAR Bytes[64];
};

template <typename T> class Owner {
public:
  explicit Owner(T *Object = nullptr) : Object_(Object) {}
  Owner(Owner &&Other) noexcept
      : Object_(std::exchange(Other.Object_, nullptr)) {}
  ~Owner() {
    delete Object_;
  }
  T *operator->() const {
    return Object_;
  }
  explicit operator bool() const {
    return Object_ != nullptr;
  }

private:
  T *Object_;
};

template <typename T, typename... Arguments>
static Owner<T> Make(Arguments &&...Given) {
  return Owner<T>(new (POOL_FLAG_PAGED, Tag)
                      T(std::forward<Arguments>(Given)...));
}

/* Calls at the end of a block. */
template <typename F> class Finally {
public:
  explicit Finally(F Call) : Call_(Call) {}
  ~Finally() {
    Call_();
  }

private:
  F Call_;
};

/* The line that did not hold, or 0. */
static ULONG CheckObjects() {
  alignas(Named) UCHAR Room[sizeof(Named)];
  auto Placed = new (Room) Named(L"placed");
  Counted *Array = new (NonPagedPool, ArrayTag) Counted[3];
  auto Cut = new (std::align_val_t(64), Tag) Line;
  ULONG Ended = 0;

  if (Placed->Name.Length != 12 || Counted::Alive != 4)
    return __LINE__;
  if (reinterpret_cast<ULONG_PTR>(Cut) % 64 != 0)
    return __LINE__;
  {
    auto Kept = Make<Named>(L"kept");
    auto Moved = std::move(Kept);
    Finally End([&Ended] { Ended++; });
    if (Kept || !Moved || Moved->Name.Length != 8 || Counted::Alive != 5)
      return __LINE__;
    Counted *Base = new (POOL_FLAG_NON_PAGED, Tag) Named(L"base");
    delete Base;
  }
  Placed->~Named();
  delete[] Array;
  delete Cut;
  if (Counted::Alive != 0 || Ended != 1)
    return __LINE__;
  return Sized == 2 && Aligned == 1 && Arrays == 1 ? 0 : __LINE__;
}

/* A local static is made once, when it is first come by. */
static ULONG CheckLocalStatic() {
  static int Made = 0;
  struct Once {
    Once() {
      Made++;
    }
  };
  for (int i = 0; i < 3; i++) {
    static Once Object;
    UNREFERENCED_PARAMETER(Object);
  }
  return Made == 1 ? 0 : __LINE__;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING) {
  ULONG Failed = 0;

  DbgPrint("cxx: DriverEntry\n");
  for (auto Check : {CheckObjects, CheckLocalStatic})
    if (Failed == 0)
      Failed = Check();
  if (Failed != 0) {
    DbgPrint("cxx: line %lu must not fail\n", Failed);
    return STATUS_UNSUCCESSFUL;
  }
  Book.Add();
  Book.Forget = uwsk_parameter("Forget", 0) != 0;
  Driver->DriverUnload = [](PDRIVER_OBJECT) {
    Book.Add();
    DbgPrint("cxx: DriverUnload\n");
  };
  uwsk_driver_done();
  return STATUS_SUCCESS;
}
