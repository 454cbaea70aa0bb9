# What the shared library shows: the NT, WSK and uwsk_ names. The spellings of
# docs/architecture.md ("Names") tell the others apart.
set(UWSK_ROOM_PREFIXES os loop net wsk vf host ke io mm ex ob ps rtl kd etw seh nmr fault peer cm netio bcrypt)

if(WIN32)
  # PE has no version scripts: the names are read from the objects.
  set(def ${PROJECT_BINARY_DIR}/uwsk.def)
  set(peers "$<FILTER:$<TARGET_OBJECTS:uwsk_floor>,INCLUDE,/src/peer/>")
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/uwsk_nt_objects.txt
       CONTENT "$<JOIN:$<TARGET_OBJECTS:uwsk_nt>;${peers},\n>\n")
  list(JOIN UWSK_ROOM_PREFIXES "|" prefixes)
  add_custom_command(
    OUTPUT ${def}
    COMMAND
      ${CMAKE_COMMAND} -DNM=${CMAKE_NM} "-DPREFIXES=${prefixes}"
      -DOBJECTS=${PROJECT_BINARY_DIR}/uwsk_nt_objects.txt -DDEF=${def} -P
      ${PROJECT_SOURCE_DIR}/cmake/make_def.cmake
    DEPENDS uwsk_nt $<TARGET_OBJECTS:uwsk_nt> uwsk_floor ${peers}
            ${PROJECT_SOURCE_DIR}/cmake/make_def.cmake
    VERBATIM)
  target_sources(uwsk_shared PRIVATE ${def})
elseif(NOT APPLE)
  list(TRANSFORM UWSK_ROOM_PREFIXES APPEND "__*" OUTPUT_VARIABLE names)
  list(JOIN names "; " names)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/uwsk.map
       CONTENT "{ local: @names@; };\n" @ONLY)
  target_link_options(uwsk_shared PRIVATE
                      "-Wl,--version-script=${PROJECT_BINARY_DIR}/uwsk.map")
  set_target_properties(
    uwsk_shared PROPERTIES LINK_DEPENDS "${PROJECT_BINARY_DIR}/uwsk.map")
endif()
