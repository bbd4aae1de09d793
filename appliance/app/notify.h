/* notify.h: tells systemd that we are ready, reloading or stopping (sd_notify by hand). */
#ifndef APP_NOTIFY_H
#define APP_NOTIFY_H

void notify_systemd(const char *state); /* "READY=1"; without NOTIFY_SOCKET nothing happens */

#endif
