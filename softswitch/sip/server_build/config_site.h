/* PJSIP configured for a telephone switch. Read by pjlib/include/pj/config.h of PJSIP. */

#define PJ_CONFIG_MAXIMUM_SPEED
#include <pj/config_site_sample.h>

/* Level 5 (every message) stays available: what is shown is chosen when it runs. */
#undef PJ_LOG_MAX_LEVEL
#define PJ_LOG_MAX_LEVEL 5

/* Room: sockets (two or more for each call), calls, ports of the conference bridge. */
#undef PJ_IOQUEUE_MAX_HANDLES
#define PJ_IOQUEUE_MAX_HANDLES 8192
#undef PJSUA_MAX_CALLS
#define PJSUA_MAX_CALLS 2048
#define PJSUA_MAX_ACC 64
#define PJSUA_MAX_CONF_PORTS 8192
#define PJSUA_MAX_PLAYERS 4096
#define PJSUA_MAX_RECORDERS 2048

/* Hash tables of SIP transactions and dialogs: one less than a power of two. */
#undef PJSIP_MAX_TSX_COUNT
#define PJSIP_MAX_TSX_COUNT 16383
#undef PJSIP_MAX_DIALOG_COUNT
#define PJSIP_MAX_DIALOG_COUNT 16383

/* A request goes by the transport that its URI asks for, however long it is: whoever listens on UDP
   alone would not hear it by TCP (against RFC 3261 section 18.1.1, as other servers do). */
#define PJSIP_DONT_SWITCH_TO_TCP 1

#define PJ_HAS_IPV6 1
#define PJMEDIA_HAS_VIDEO 0

/* Linear sound at the rates of a conference bridge (RFC 3551 section 4.5.11). */
#define PJMEDIA_HAS_L16_CODEC 1
#define PJMEDIA_CODEC_L16_HAS_8KHZ_MONO 1
#define PJMEDIA_CODEC_L16_HAS_16KHZ_MONO 1
#define PJMEDIA_CODEC_L16_HAS_48KHZ_MONO 1
