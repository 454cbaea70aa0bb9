/*
 * WPP software tracing, for the .tmh files that uwsk_wpp() writes.
 *
 * On Windows a preprocessor reads the driver's sources, and writes for each a
 * .tmh file with the trace functions that it found. uwsk_wpp() of the CMake
 * package reads the `begin_wpp config` blocks alone; what is common to all
 * drivers stands here. docs/porting.md, "Tracing", has the whole of it.
 *
 * Included once per source, after the driver's WPP_CONTROL_GUIDS.
 */
#ifndef UWSK_WPP_H
#define UWSK_WPP_H

#include <evntrace.h>
#include <uwsk_trace.h>

/* ---- flags ------------------------------------------------------------- */

#ifndef WPP_CONTROL_GUIDS
#define WPP_CONTROL_GUIDS
#endif
#define WPP_DEFINE_CONTROL_GUID(name, guid, bits) bits
#define WPP_DEFINE_BIT(name)                      WPP_BIT_##name,

/* WPP_BIT_<flag> counts from 0, through all control GUIDs of the driver. */
enum { WPP_CONTROL_GUIDS UWSK_WPP_BITS };
C_ASSERT(UWSK_WPP_BITS <= 128);

#undef WPP_DEFINE_CONTROL_GUID
#undef WPP_DEFINE_BIT

/* ---- what is enabled --------------------------------------------------- */

/* One for the module, whichever of its files sees this first. */
UWSK_BEGIN_C
DECLSPEC_SELECTANY struct uwsk_wpp_control uwsk_wpp_control = {0, {0}};
UWSK_END_C

#define WPP_CONTROL(bit)      uwsk_wpp_control
#define WPP_LEVEL_LOGGER(bit) ((VOID)0)
#define UWSK_WPP_FLAG(bit)                                                     \
  ((uwsk_wpp_control.Flags[(bit) / 32] >> ((bit) % 32)) & 1)

/* What drivers build their own conditions of. "Level" is a flag here: that is
 * what WPP first called it. */
#define WPP_LEVEL_ENABLED(flag) UWSK_WPP_FLAG(WPP_BIT_##flag)
#define WPP_FLAGS_ENABLED(flag) UWSK_WPP_FLAG(WPP_BIT_##flag)
#define WPP_FLAG_ENABLED(flag)  UWSK_WPP_FLAG(WPP_BIT_##flag)

#define WPP_INIT_TRACING(...) uwsk_wpp_start(&uwsk_wpp_control)
#define WPP_CLEANUP(...)      uwsk_wpp_stop(&uwsk_wpp_control)

/* ---- messages ---------------------------------------------------------- */

/* Says a message if the condition holds: an expression, as WPP's is. */
#define UWSK_WPP_SAY(condition, level, ...)                                    \
  ((condition) ? uwsk_wpp_message(UWSK_WPP_SITE, (level), __VA_ARGS__)         \
               : (VOID)0)
#ifdef __cplusplus
static inline const struct uwsk_wpp_site *
uwsk_wpp_here(const struct uwsk_wpp_site &site) {
  return &site;
}
#define UWSK_WPP_SITE uwsk_wpp_here(uwsk_wpp_site{__func__, __FILE__, __LINE__})
#else
#define UWSK_WPP_SITE                                                          \
  (&(const struct uwsk_wpp_site){__func__, __FILE__, __LINE__})
#endif

#endif
