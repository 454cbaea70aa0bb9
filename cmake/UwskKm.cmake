# uwsk::km: the headers a driver includes, and the flags its code needs.
#
# The lists stand here once; pkg-config gets them from here too.

# The language of driver code: 16-bit wchar_t, tag-named anonymous members and
# __declspec, exceptions through C frames (SEH). Hidden visibility keeps a
# driver's own socket(), bind() or send() from taking libuv's calls.
set(UWSK_KM_FLAGS -fshort-wchar -fms-extensions -fexceptions
                  -fno-strict-aliasing)
# Bit fields of several types in a row are laid out as Microsoft's compiler does.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  list(APPEND UWSK_KM_FLAGS -mms-bitfields)
endif()

# delete calls the operator that is told the size, as with Microsoft's compiler and
# gcc: a driver may define no other. Clang takes the flag for C, too.
set(UWSK_KM_FLAGS_CLANG -fsized-deallocation)

# What MSVC accepts in silence: pool tags in quotes, #pragma warning, a callback
# whose parameters are spelt a little differently. Gcc keeps quiet about a -Wno-
# it does not know, clang does not.
set(UWSK_KM_QUIET_FLAGS -Wno-multichar -Wno-unknown-pragmas)
set(UWSK_KM_QUIET_FLAGS_C -Wno-incompatible-pointer-types)
set(UWSK_KM_QUIET_FLAGS_CLANG
    -Wno-four-char-constants -Wno-microsoft -Wno-ignored-attributes
    -Wno-pragma-pack -Wno-ignored-pragmas -Wno-ignored-pragma-intrinsic
    -Wno-ignored-pragma-optimize)
set(UWSK_KM_QUIET_FLAGS_CLANG_C -Wno-incompatible-function-pointer-types)

# Spellings such as <Wsk.h> need files of their own only where names differ by
# case.
set(UWSK_KM_CASE_SENSITIVE ON)
if(EXISTS "${PROJECT_SOURCE_DIR}/INCLUDE")
  set(UWSK_KM_CASE_SENSITIVE OFF)
endif()
set(UWSK_KM_INSTALL_DIR ${CMAKE_INSTALL_INCLUDEDIR}/uwsk/km)

add_library(uwsk_km INTERFACE)
add_library(uwsk::km ALIAS uwsk_km)
set_target_properties(uwsk_km PROPERTIES EXPORT_NAME km)
target_include_directories(
  uwsk_km
  INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/km>
            $<INSTALL_INTERFACE:${UWSK_KM_INSTALL_DIR}>)
if(UWSK_KM_CASE_SENSITIVE)
  target_include_directories(
    uwsk_km
    INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/km/alias>
              $<INSTALL_INTERFACE:${UWSK_KM_INSTALL_DIR}/alias>)
endif()

# uwsk::wpp: what the .tmh files of uwsk_wpp() include, for who asks for it.
set(UWSK_WPP_INSTALL_DIR ${CMAKE_INSTALL_INCLUDEDIR}/uwsk/wpp)
add_library(uwsk_wpp_headers INTERFACE)
add_library(uwsk::wpp ALIAS uwsk_wpp_headers)
set_target_properties(uwsk_wpp_headers PROPERTIES EXPORT_NAME wpp)
target_include_directories(
  uwsk_wpp_headers
  INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/wpp>
            $<INSTALL_INTERFACE:${UWSK_WPP_INSTALL_DIR}>)

# Our own code sets UWSK_OWN_CODE and keeps the warnings; a module of
# uwsk_add_driver sets UWSK_DRIVER_MODULE and is hidden by its linker script,
# which must still see DriverEntry.
set(own "$<BOOL:$<TARGET_PROPERTY:UWSK_OWN_CODE>>")
set(module "$<BOOL:$<TARGET_PROPERTY:UWSK_DRIVER_MODULE>>")
set(clang "$<C_COMPILER_ID:Clang,AppleClang>")
set(both "$<COMPILE_LANGUAGE:C,CXX>")
set(c "$<COMPILE_LANGUAGE:C>,$<NOT:${own}>")
target_compile_options(
  uwsk_km
  INTERFACE
    "$<${both}:${UWSK_KM_FLAGS}>"
    "$<${both}:${UWSK_KM_QUIET_FLAGS}>"
    "$<$<AND:${both},${clang}>:${UWSK_KM_FLAGS_CLANG}>"
    "$<$<AND:${both},${clang}>:${UWSK_KM_QUIET_FLAGS_CLANG}>"
    "$<$<AND:${c}>:${UWSK_KM_QUIET_FLAGS_C}>"
    "$<$<AND:${c},${clang}>:${UWSK_KM_QUIET_FLAGS_CLANG_C}>"
    "$<$<AND:${both},$<NOT:${own}>,$<NOT:${module}>>:-fvisibility=hidden>")
if(NOT UWSK_WITH_BCRYPT)
  target_compile_definitions(uwsk_km INTERFACE UWSK_NO_BCRYPT)
endif()
target_compile_features(uwsk_km INTERFACE c_std_11)
# CMake refuses a feature of C++ to a project that speaks C alone.
if(PROJECT_IS_TOP_LEVEL OR "CXX" IN_LIST UWSK_SPOKEN)
  target_compile_features(uwsk_km INTERFACE cxx_std_17)
endif()
foreach(name IN ITEMS own module clang both c)
  unset(${name})
endforeach()
