/* linphone.h: the parts of linphone-driver: one liblinphone core with one account. */
#ifndef TESTS_CLIENTS_LINPHONE_H
#define TESTS_CLIENTS_LINPHONE_H

#include <glib.h>
#include <linphone/core.h>
#include <linphone/api/c-api.h>

#include "driver.h"

extern const struct command linphone_account_commands[]; /* login, friends, status */
extern const struct command linphone_chat_commands[];	 /* one to one */
extern const struct command linphone_room_commands[];	 /* groups */
extern const struct command linphone_call_commands[];

/* The core, and the account "login" made (NULL before). */
LinphoneCore *lc(void);
LinphoneAccount *lc_account(void);
const LinphoneAddress *lc_me(void);

void linphone_account_init(LinphoneCore *core);
void linphone_chat_init(LinphoneCore *core);
void linphone_room_init(LinphoneCore *core);
void linphone_call_init(LinphoneCore *core);
void linphone_call_record(LinphoneCore *core,
			  const char *prefix); /* kept; NULL: nothing is recorded */

LinphoneAddress *address_new(const char *text);	    /* "sip:" may be left out */
char *address_text(const LinphoneAddress *address); /* free with bctbx_free; never NULL */

/* Sends text and reports what becomes of it as "message-state". */
void chat_send(LinphoneChatRoom *room, const char *text);
gboolean chat_is_group(LinphoneChatRoom *room);

#endif
