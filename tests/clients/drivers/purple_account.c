/* purple_account.c: signing in and out, one's own presence. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "purple.h"

static PurpleAccount *account;

PurpleAccount *the_account(void)
{
	return account;
}

PurpleConnection *the_connection(void)
{
	return account != NULL ? purple_account_get_connection(account) : NULL;
}

PurplePluginProtocolInfo *the_protocol(void)
{
	return PURPLE_PLUGIN_PROTOCOL_INFO(purple_connection_get_prpl(the_connection()));
}

/* Sets an option of the protocol with the type the protocol gave it. */
static void set_option(PurplePluginProtocolInfo *protocol, const char *key, const char *value)
{
	GList *l;

	for (l = protocol->protocol_options; l != NULL; l = l->next) {
		if (strcmp(purple_account_option_get_setting(l->data), key) != 0)
			continue;
		switch (purple_account_option_get_type(l->data)) {
		case PURPLE_PREF_BOOLEAN:
			purple_account_set_bool(account, key, word_is_true(value));
			return;
		case PURPLE_PREF_INT:
			purple_account_set_int(account, key, (int)strtol(value, NULL, 10));
			return;
		default:
			purple_account_set_string(account, key, value);
			return;
		}
	}
	event("warning", "s:text", "no such option of the protocol", "s:option", key, NULL);
}

static void set_options(PurplePluginProtocolInfo *protocol, char **words)
{
	static const char *const own[] = { "user", "login",  "password", "server",
					   "port", "status", "note",	 NULL };
	char **part;

	for (; *words != NULL; words++) {
		part = g_strsplit(*words, "=", 2);
		if (g_strv_length(part) == 2 && !g_strv_contains(own, part[0]))
			set_option(protocol, part[0], part[1]);
		g_strfreev(part);
	}
}

static gboolean set_status(const char *id, const char *note)
{
	PurpleStatusType *type = purple_account_get_status_type(account, id);

	if (type == NULL)
		return FALSE;
	if (purple_status_type_get_attr(type, "message") != NULL)
		purple_account_set_status(account, id, TRUE, "message", note, NULL);
	else
		purple_account_set_status(account, id, TRUE, NULL);
	return TRUE;
}

static const char *do_login(int n, char **words)
{
	const char *user = word_value(words, "user", NULL),
		   *login = word_value(words, "login", NULL);
	PurplePlugin *plugin = purple_find_prpl("prpl-sipe");
	char *name, *server;

	(void)n;
	if (account != NULL || user == NULL || plugin == NULL)
		return account != NULL ? "signed in already; use reconnect"
		       : user == NULL  ? "user=name@domain is missing"
				       : "pidgin-sipe is not installed";
	name = login != NULL ? g_strdup_printf("%s,%s", user, login) : g_strdup(user);
	account = purple_account_new(name, "prpl-sipe");
	g_free(name);
	purple_account_set_password(account, word_value(words, "password", ""));
	purple_account_set_remember_password(account, TRUE);
	server = g_strdup_printf("%s:%s", word_value(words, "server", "localhost"),
				 word_value(words, "port", "5061"));
	purple_account_set_string(account, "server", server);
	g_free(server);
	set_options(PURPLE_PLUGIN_PROTOCOL_INFO(plugin), words);
	purple_accounts_add(account);
	purple_account_set_enabled(account, UI_ID, TRUE);
	/* Going from offline to an online status connects. */
	if (!set_status(word_value(words, "status", "available"), word_value(words, "note", NULL)))
		return "no such status";
	if (purple_account_is_disconnected(account))
		purple_account_connect(account);
	return NULL;
}

static const char *do_logout(int n, char **words)
{
	(void)n, (void)words;
	if (account == NULL)
		return "login first";
	purple_account_disconnect(account);
	return NULL;
}

static const char *do_reconnect(int n, char **words)
{
	(void)n, (void)words;
	if (account == NULL || !purple_account_is_disconnected(account))
		return account == NULL ? "login first" : "still connected";
	purple_account_set_enabled(account, UI_ID, TRUE);
	if (purple_account_is_disconnected(account))
		purple_account_connect(account);
	return NULL;
}

static const char *do_password(int n, char **words)
{
	(void)n;
	if (account == NULL)
		return "login first";
	purple_account_set_password(account, words[0]);
	return NULL;
}

static const char *do_status(int n, char **words)
{
	if (account == NULL || !set_status(words[0], n > 1 ? words[1] : NULL))
		return account == NULL ? "login first" : "no such status";
	return NULL;
}

static const char *do_idle(int n, char **words)
{
	long seconds = strtol(words[0], NULL, 10);

	(void)n;
	purple_presence_set_idle(purple_account_get_presence(account), seconds > 0,
				 seconds > 0 ? time(NULL) - seconds : 0);
	return NULL;
}

const struct command ui_account_commands[] = {
	{ "login", 2, do_login },
	{ "logout", 0, do_logout },
	{ "reconnect", 0, do_reconnect },
	{ "password", 1, do_password },
	{ "status", 1, do_status },
	{ "idle", 1, do_idle },
	{ NULL, 0, NULL },
};
