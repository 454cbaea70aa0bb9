/*
 * wdm.h: what every driver includes, by itself or through ntddk.h.
 *
 * The declarations stand in one file per NT prefix (uwsk_ke.h, uwsk_io.h, …);
 * drivers include the names they know.
 */
#ifndef UWSK_KM_WDM_H
#define UWSK_KM_WDM_H
#define _WDMDDK_

#include <ntdef.h>
#include <ntstatus.h>

#include <driverspecs.h>
#include <evntprov.h>
#include <excpt.h>
#include <intrin.h>
#include <specstrings.h>

#include <uwsk_bitmap.h>
#include <uwsk_cm.h>
#include <uwsk_crt.h>
#include <uwsk_csq.h>
#include <uwsk_ex.h>
#include <uwsk_ex_more.h>
#include <uwsk_file.h>
#include <uwsk_interlocked.h>
#include <uwsk_io.h>
#include <uwsk_io_device.h>
#include <uwsk_io_more.h>
#include <uwsk_ke.h>
#include <uwsk_ke_more.h>
#include <uwsk_lookaside.h>
#include <uwsk_mm.h>
#include <uwsk_ob.h>
#include <uwsk_pnp.h>
#include <uwsk_processor.h>
#include <uwsk_ps.h>
#include <uwsk_resource.h>
#include <uwsk_rtl.h>
#include <uwsk_rtl_more.h>
#include <uwsk_run_once.h>
#include <uwsk_se.h>
#include <uwsk_seh.h>
#include <uwsk_table.h>
#include <uwsk_thread.h>
#include <uwsk_timer.h>
#include <uwsk_work.h>

/* C++ has std::min. */
#ifndef __cplusplus
#ifndef min
#define min(first, second) (((first) < (second)) ? (first) : (second))
#endif
#ifndef max
#define max(first, second) (((first) > (second)) ? (first) : (second))
#endif
#endif

#endif
