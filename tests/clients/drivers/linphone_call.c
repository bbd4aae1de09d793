/* linphone_call.c: audio calls; files stand for microphone and loudspeaker (see linphone_main.c). */
#include <string.h>

#include "linphone.h"

static const char *record_prefix;

/* A file per call: two calls in one file may have different rates.  Named while there is no call, for liblinphone 5.1
 * crashes when the name is set as one begins. */
static void record_next(LinphoneCore *core)
{
	static int number;
	char *path;

	if (record_prefix == NULL)
		return;
	path = g_strdup_printf("%s-%03d.wav", record_prefix, ++number);
	linphone_core_set_record_file(core, path);
	g_free(path);
}

static void on_call(LinphoneCore *core, LinphoneCall *call, LinphoneCallState state,
		    const char *message)
{
	char *with = address_text(linphone_call_get_remote_address(call));
	const LinphoneErrorInfo *info = linphone_call_get_error_info(call);

	if (state == LinphoneCallReleased && linphone_core_get_calls_nb(core) == 0)
		record_next(core);
	event("call", "s:with", with, "s:state", linphone_call_state_to_string(state), "s:message",
	      message, "i:code", info != NULL ? linphone_error_info_get_protocol_code(info) : 0,
	      "b:incoming", linphone_call_get_dir(call) == LinphoneCallIncoming, NULL);
	bctbx_free(with);
}

void linphone_call_init(LinphoneCore *core)
{
	LinphoneCoreCbs *cbs = linphone_factory_create_core_cbs(linphone_factory_get());

	linphone_core_cbs_set_call_state_changed(cbs, on_call);
	linphone_core_add_callbacks(core, cbs);
	linphone_core_cbs_unref(cbs);
}

void linphone_call_record(LinphoneCore *core, const char *prefix)
{
	record_prefix = prefix;
	record_next(core);
}

static LinphoneCall *first_call(void)
{
	const bctbx_list_t *l = linphone_core_get_calls(lc());

	return l != NULL ? l->data : NULL;
}

static const char *do_call(int n, char **words)
{
	(void)n;
	return linphone_core_invite(lc(), words[0]) != NULL ? NULL : "the call cannot be made";
}

static const char *do_accept(int n, char **words)
{
	LinphoneCall *call = first_call();

	(void)n, (void)words;
	if (call == NULL || linphone_call_accept(call) != 0)
		return "no call to accept";
	return NULL;
}

static const char *do_decline(int n, char **words)
{
	LinphoneCall *call = first_call();

	(void)n, (void)words;
	if (call == NULL || linphone_call_decline(call, LinphoneReasonDeclined) != 0)
		return "no call to decline";
	return NULL;
}

static const char *do_hold(int n, char **words)
{
	LinphoneCall *call = first_call();

	(void)n, (void)words;
	if (call == NULL || linphone_call_pause(call) != 0)
		return "no call to hold";
	return NULL;
}

static const char *do_resume(int n, char **words)
{
	LinphoneCall *call = first_call();

	(void)n, (void)words;
	if (call == NULL || linphone_call_resume(call) != 0)
		return "no call to resume";
	return NULL;
}

static const char *do_hangup(int n, char **words)
{
	(void)n, (void)words;
	linphone_core_terminate_all_calls(lc());
	return NULL;
}

const struct command linphone_call_commands[] = {
	{ "call", 1, do_call }, { "accept", 0, do_accept }, { "decline", 0, do_decline },
	{ "hold", 0, do_hold }, { "resume", 0, do_resume }, { "hangup", 0, do_hangup },
	{ NULL, 0, NULL },
};
