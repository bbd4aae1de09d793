/* purple_main.c: purple-driver, libpurple with pidgin-sipe under line commands.
 *
 *   purple-driver --dir DIR [--ca DIR-OF-PEM-FILES] [--debug FILE] [--seed N] [--host NAME]
 *
 * With --ca certificates are checked by libpurple itself, with those roots added; without it any is taken, and
 * reported.  pidgin-sipe makes Call-IDs, tags and branches with rand(), seeded with the second it was loaded in, so
 * clients that start together use the same ones; --seed makes that happen on purpose, else it is avoided here.  It
 * makes its endpoint's id of address and host name, so two of one account need two host names to be two.
 *
 *   login user=a@dom password=p server=localhost port=5061 [authentication=ntlm|tls-dsk] [status=] [note=] [option=...]
 *   status ID [note] | idle SECONDS | logout | reconnect | password P
 *   add WHO [GROUP [ALIAS]] | remove WHO [GROUP] | move WHO GROUP | alias WHO NAME | block WHO | unblock WHO | blist
 *   add-group G | rename-group G NEW | remove-group G | info WHO | search given=.. surname=.. email=..
 *   im WHO TEXT | im-html WHO HTML | typing WHO on|off | close-im WHO | send-file WHO PATH
 *   newchat WHO | invite-menu WHO | chat-invite CHAT WHO | chat-send CHAT TEXT | chat-leave CHAT | chats ...
 *   policy TYPE=manual|ok|cancel... | answer ID ok|cancel|BUTTON|TEXT [field=value]... */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "purple.h"

enum { STOP_MS = 300 };

struct options {
	const char *dir, *ca, *debug;
	long seed;
};

static const char *host_name = "localhost";

static FILE *debug_file;

/* --- libpurple's event loop is GLib's -------------------------------------------------------- */

struct watch {
	PurpleInputFunction on_input;
	gpointer data;
};

static gboolean on_io(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	struct watch *w = data;
	int kinds = 0;

	if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
		kinds |= PURPLE_INPUT_READ;
	if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
		kinds |= PURPLE_INPUT_WRITE;
	w->on_input(w->data, g_io_channel_unix_get_fd(channel), (PurpleInputCondition)kinds);
	return TRUE;
}

static guint add_input(gint fd, PurpleInputCondition kinds, PurpleInputFunction on_input,
		       gpointer data)
{
	GIOChannel *channel = g_io_channel_unix_new(fd);
	struct watch *w = g_new0(struct watch, 1);
	unsigned condition = 0;
	guint id;

	w->on_input = on_input;
	w->data = data;
	if (kinds & PURPLE_INPUT_READ)
		condition |= G_IO_IN | G_IO_HUP | G_IO_ERR;
	if (kinds & PURPLE_INPUT_WRITE)
		condition |= G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL;
	id = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, (GIOCondition)condition, on_io, w,
				 g_free);
	g_io_channel_unref(channel);
	return id;
}

static PurpleEventLoopUiOps loop_ops = {
	.timeout_add = g_timeout_add,
	.timeout_remove = g_source_remove,
	.input_add = add_input,
	.input_remove = g_source_remove,
	.timeout_add_seconds = g_timeout_add_seconds,
};

/* --- the debug log --------------------------------------------------------------------------- */

static void on_debug(PurpleDebugLevel level, const char *category, const char *text)
{
	gint64 now = g_get_real_time();

	(void)level;
	if (debug_file == NULL)
		return;
	fprintf(debug_file, "%d.%03d %s: %s", (int)(now / G_USEC_PER_SEC), (int)(now / 1000 % 1000),
		category != NULL ? category : "-", text);
	if (!g_str_has_suffix(text, "\n"))
		fputc('\n', debug_file);
	fflush(debug_file);
}

static gboolean is_debugging(PurpleDebugLevel level, const char *category)
{
	(void)level, (void)category;
	return debug_file != NULL;
}

static PurpleDebugUiOps debug_ops = { .print = on_debug, .is_enabled = is_debugging };

static void on_command(const char *line)
{
	on_debug(PURPLE_DEBUG_INFO, "command", line);
}

/* Stands before libc's, for the program is linked with -rdynamic. */
int gethostname(char *out, size_t size)
{
	g_strlcpy(out, host_name, size);
	return 0;
}

/* --- certificates ---------------------------------------------------------------------------- */

static void accept_certificate(PurpleCertificateVerificationRequest *request)
{
	PurpleCertificate *first = request->cert_chain != NULL ? request->cert_chain->data : NULL;
	char *name = first != NULL ? purple_certificate_get_subject_name(first) : NULL;

	event("tls-cert", "s:host", request->subject_name, "s:cn", name, "i:chain",
	      (int)g_list_length(request->cert_chain), NULL);
	g_free(name);
	purple_certificate_verify_complete(request, PURPLE_CERTIFICATE_VALID);
}

static void forget_certificate(PurpleCertificateVerificationRequest *request)
{
	(void)request;
}

static PurpleCertificateVerifier take_any = {
	.scheme_name = (gchar *)(gintptr) "x509",
	.name = (gchar *)(gintptr) "tls_cached",
	.start_verification = accept_certificate,
	.destroy_request = forget_certificate,
};

static void take_any_certificate(void)
{
	PurpleCertificateVerifier *old;

	purple_ssl_init();
	old = purple_certificate_find_verifier("x509", "tls_cached");
	if (old != NULL)
		purple_certificate_unregister_verifier(old);
	purple_certificate_register_verifier(&take_any);
}

/* --- start and stop -------------------------------------------------------------------------- */

static void on_core_ui(void)
{
	ui_request_init();
	ui_report_init();
}

static void on_core_debug(void)
{
	purple_debug_set_ui_ops(&debug_ops);
}

static GHashTable *about_ui(void)
{
	static GHashTable *about;

	if (about == NULL) {
		about = g_hash_table_new(g_str_hash, g_str_equal);
		g_hash_table_insert(about, (gpointer)(gintptr) "name", (gpointer)(gintptr)UI_ID);
		g_hash_table_insert(about, (gpointer)(gintptr) "version", (gpointer)(gintptr) "1");
	}
	return about;
}

static PurpleCoreUiOps core_ops = {
	.debug_ui_init = on_core_debug,
	.ui_init = on_core_ui,
	.get_ui_info = about_ui,
};

static gboolean start_core(const struct options *o)
{
	purple_util_set_user_dir(o->dir);
	purple_debug_set_enabled(FALSE);
	/* pidgin-sipe logs its messages only with these; "enabled" would write to stdout. */
	purple_debug_set_verbose(debug_file != NULL);
	purple_debug_set_unsafe(debug_file != NULL);
	purple_eventloop_set_ui_ops(&loop_ops);
	purple_core_set_ui_ops(&core_ops);
	if (o->ca != NULL)
		purple_certificate_add_ca_search_path(o->ca);
	if (!purple_core_init(UI_ID))
		return FALSE;
	srand(o->seed >= 0 ? (unsigned)o->seed : (unsigned)(g_get_real_time() ^ (getpid() << 12)));
	purple_set_blist(purple_blist_new());
	purple_blist_load();
	purple_prefs_load();
	purple_prefs_set_bool("/purple/logging/log_ims", FALSE);
	purple_prefs_set_bool("/purple/logging/log_chats", FALSE);
	purple_prefs_set_string("/purple/away/idle_reporting", "none");
	purple_network_force_online();
	if (o->ca == NULL)
		take_any_certificate();
	ui_signals_init();
	return TRUE;
}

static gboolean on_stop_time(gpointer unused)
{
	(void)unused;
	purple_core_quit();
	driver_end();
	return FALSE;
}

static void on_stop(void)
{
	if (the_account() != NULL && !purple_account_is_disconnected(the_account()))
		purple_account_disconnect(the_account());
	g_timeout_add(STOP_MS, on_stop_time, NULL);
}

/* These work while signed out; everything else needs a connection. */
static const char *check(const char *name)
{
	static const char *const signed_out[] = { "reconnect",	"password", "status", "blist",
						  "chats",	"logout",   "policy", "answer",
						  "chat-leave", NULL };

	if (g_strv_contains(signed_out, name))
		return NULL;
	if (the_connection() == NULL || !PURPLE_CONNECTION_IS_CONNECTED(the_connection()))
		return "not connected";
	return NULL;
}

static gboolean read_options(int argc, char **argv, struct options *o)
{
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--dir") == 0)
			o->dir = argv[i + 1];
		else if (strcmp(argv[i], "--ca") == 0)
			o->ca = argv[i + 1];
		else if (strcmp(argv[i], "--debug") == 0)
			o->debug = argv[i + 1];
		else if (strcmp(argv[i], "--host") == 0)
			host_name = argv[i + 1];
		else if (strcmp(argv[i], "--seed") == 0)
			o->seed = strtol(argv[i + 1], NULL, 10);
		else
			return FALSE;
	}
	return i == argc && o->dir != NULL;
}

int main(int argc, char **argv)
{
	struct options o = { .seed = -1 };

	setlocale(LC_ALL, "C.UTF-8");
	g_setenv("LC_ALL", "C.UTF-8", TRUE);
	g_setenv("LANGUAGE", "C", TRUE);
	/* Keeps libdbus from starting a session bus. */
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", FALSE);
	if (!read_options(argc, argv, &o)) {
		fprintf(stderr,
			"usage: purple-driver --dir DIR [--ca DIR] [--debug FILE] [--seed N] [--host NAME]\n");
		return 2;
	}
	if (o.debug != NULL)
		debug_file = fopen(o.debug, "a");
	if (!start_core(&o)) {
		fprintf(stderr, "purple-driver: libpurple does not start\n");
		return 1;
	}
	driver_add_commands(ui_account_commands);
	driver_add_commands(ui_list_commands);
	driver_add_commands(ui_chat_commands);
	driver_add_commands(ui_request_commands);
	driver_set_check(check);
	event("ready", "s:version", purple_core_get_version(), "b:sipe",
	      purple_find_prpl("prpl-sipe") != NULL, NULL);
	driver_run(on_stop, on_command);
	return 0;
}
