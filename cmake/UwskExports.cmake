# What the shared library shows: the NT, WSK and uwsk_ names. The spellings of
# docs/architecture.md ("Names") tell the others apart.
if(WIN32)
  target_link_options(uwsk_shared PRIVATE -Wl,--export-all-symbols
                      -Wl,--exclude-libs,ALL)
elseif(NOT APPLE)
  target_link_options(
    uwsk_shared PRIVATE
    "-Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/uwsk.map")
  set_target_properties(
    uwsk_shared PROPERTIES LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/uwsk.map")
endif()
