/* purple.h: the parts of purple-driver: a user interface of libpurple without a screen, one account. */
#ifndef TESTS_CLIENTS_PURPLE_H
#define TESTS_CLIENTS_PURPLE_H

#include <glib.h>
#include <purple.h>

#include "driver.h"

#define UI_ID "purple-driver"

extern const struct command ui_account_commands[]; /* login, status */
extern const struct command ui_list_commands[];	   /* contacts, groups, menus, search */
extern const struct command ui_chat_commands[];	   /* one to one and conferences */
extern const struct command ui_request_commands[]; /* answers to questions */

/* The account "login" made, and its connection; NULL before. */
PurpleAccount *the_account(void);
PurpleConnection *the_connection(void);
PurplePluginProtocolInfo *the_protocol(void);

/* Where libpurple asks and tells.  (No name here may begin with purple_: the program is linked with
 * -rdynamic, so it would stand in for libpurple's own.) */
void ui_request_init(void);
void ui_report_init(void);  /* notices, connection */
void ui_signals_init(void); /* contacts, texts, files; after purple_core_init */

/* Found by "user@domain" with or without "sip:". */
PurpleBuddy *find_contact(const char *who);
const char *contact_name(const char *who);

int chat_id(PurpleConversation *c); /* -1: not a conference */
char *status_note(PurpleStatus *status);

/* The next form that is shown gets these values (key=value, NULL at the end) and is sent off. */
void request_fill_next(char **values);
void request_forget_next(void);
gboolean request_accepts_files(void);

#endif
