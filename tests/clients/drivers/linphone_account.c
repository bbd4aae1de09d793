/* linphone_account.c: signing in, friends, one's own presence. */
#include <string.h>

#include "linphone.h"

static LinphoneAccount *account;

LinphoneAccount *lc_account(void)
{
	return account;
}

const LinphoneAddress *lc_me(void)
{
	return linphone_account_params_get_identity_address(linphone_account_get_params(account));
}

/* --- what happens ---------------------------------------------------------------------------- */

static void on_registration(LinphoneCore *core, LinphoneAccount *a, LinphoneRegistrationState state,
			    const char *message)
{
	static const char *const names[] = { "none",	"progress", "ok",
					     "cleared", "failed",   "refreshing" };
	const LinphoneErrorInfo *info = linphone_account_get_error_info(a);
	char *contact = address_text(linphone_account_get_contact_address(a));

	(void)core;
	event("registration", "s:state", (unsigned)state < G_N_ELEMENTS(names) ? names[state] : "?",
	      "s:message", message, "i:code",
	      info != NULL ? linphone_error_info_get_protocol_code(info) : 0, "s:contact", contact,
	      NULL);
	bctbx_free(contact);
}

static void report_presence(LinphoneFriend *f)
{
	static const char *const consolidated[] = { "online", "busy", "dnd", "offline" };
	const LinphonePresenceModel *model = linphone_friend_get_presence_model(f);
	unsigned state = (unsigned)linphone_friend_get_consolidated_presence(f);
	char *who = address_text(linphone_friend_get_address(f)), *activity_text = NULL;
	LinphonePresenceActivity *activity = NULL;
	LinphonePresenceNote *note = NULL;
	const char *basic = NULL;

	if (model != NULL) {
		activity = linphone_presence_model_get_activity(model);
		note = linphone_presence_model_get_note(model, NULL);
		basic = linphone_presence_model_get_basic_status(model) ==
					LinphonePresenceBasicStatusOpen
				? "open"
				: "closed";
	}
	if (activity != NULL)
		activity_text = linphone_presence_activity_to_string(activity);
	event("presence", "s:who", who, "s:basic", basic, "s:state",
	      state < G_N_ELEMENTS(consolidated) ? consolidated[state] : "?", "s:activity",
	      activity_text, "s:note",
	      note != NULL ? linphone_presence_note_get_content(note) : NULL, "b:received",
	      linphone_friend_is_presence_received(f), NULL);
	if (activity_text != NULL)
		bctbx_free(activity_text);
	bctbx_free(who);
}

static void on_presence(LinphoneCore *core, LinphoneFriend *f)
{
	(void)core;
	report_presence(f);
}

static void on_subscription_request(LinphoneCore *core, LinphoneFriend *f, const char *url)
{
	event("subscription-request", "s:who", url, NULL);
	linphone_friend_edit(f);
	linphone_friend_set_inc_subscribe_policy(f, LinphoneSPAccept);
	linphone_friend_done(f);
	linphone_core_add_friend(core, f);
}

static void on_subscription(LinphoneCore *core, LinphoneEvent *e, LinphoneSubscriptionState state)
{
	char *to = address_text(linphone_event_get_to(e));

	(void)core;
	event("subscription", "s:event", linphone_event_get_name(e), "s:to", to, "s:state",
	      linphone_subscription_state_to_string(state), NULL);
	bctbx_free(to);
}

static void on_publish(LinphoneCore *core, LinphoneEvent *e, LinphonePublishState state)
{
	(void)core;
	event("publish", "s:event", linphone_event_get_name(e), "s:state",
	      linphone_publish_state_to_string(state), NULL);
}

void linphone_account_init(LinphoneCore *core)
{
	LinphoneCoreCbs *cbs = linphone_factory_create_core_cbs(linphone_factory_get());

	linphone_core_cbs_set_account_registration_state_changed(cbs, on_registration);
	linphone_core_cbs_set_notify_presence_received(cbs, on_presence);
	linphone_core_cbs_set_new_subscription_requested(cbs, on_subscription_request);
	linphone_core_cbs_set_subscription_state_changed(cbs, on_subscription);
	linphone_core_cbs_set_publish_state_changed(cbs, on_publish);
	linphone_core_add_callbacks(core, cbs);
	linphone_core_cbs_unref(cbs);
}

/* --- signing in ------------------------------------------------------------------------------ */

static int number_of(char **words, const char *key, int otherwise)
{
	const char *text = word_value(words, key, NULL);

	return text != NULL ? (int)g_ascii_strtoll(text, NULL, 10) : otherwise;
}

static LinphoneAccountParams *account_params(char **words, const LinphoneAddress *identity)
{
	LinphoneAccountParams *p = linphone_core_create_account_params(lc());
	const char *factory = word_value(words, "factory", NULL);
	char *uri = g_strdup_printf("sip:%s:%s;transport=tls",
				    word_value(words, "server", "localhost"),
				    word_value(words, "port", "5061"));
	LinphoneAddress *server = address_new(uri);

	linphone_account_params_set_identity_address(p, linphone_address_clone(identity));
	linphone_account_params_set_server_address(p, server);
	linphone_account_params_enable_outbound_proxy(p, TRUE);
	linphone_account_params_enable_register(p, TRUE);
	linphone_account_params_set_expires(p, number_of(words, "expires", 600));
	linphone_account_params_enable_publish(p, (bool_t)number_of(words, "publish", 1));
	linphone_account_params_set_publish_expires(p, number_of(words, "publish_expires", 600));
	linphone_account_params_set_push_notification_allowed(p, FALSE);
	if (factory != NULL)
		linphone_account_params_set_conference_factory_uri(p, factory);
	linphone_address_unref(server);
	g_free(uri);
	return p;
}

static const char *do_login(int n, char **words)
{
	LinphoneAddress *identity = address_new(word_value(words, "user", ""));
	const char *rls = word_value(words, "rls", NULL);
	LinphoneAuthInfo *auth;

	(void)n;
	if (identity == NULL || account != NULL)
		return account != NULL ? "signed in already" : "user=sip:name@domain is missing";
	auth = linphone_factory_create_auth_info(
		linphone_factory_get(), linphone_address_get_username(identity),
		word_value(words, "login", NULL), word_value(words, "password", ""), NULL,
		word_value(words, "realm", NULL), linphone_address_get_domain(identity));
	linphone_core_add_auth_info(lc(), auth);
	if (rls != NULL)
		linphone_friend_list_set_rls_address(linphone_core_get_default_friend_list(lc()),
						     address_new(rls));
	linphone_core_enable_friend_list_subscription(lc(), TRUE);
	account = linphone_core_create_account(lc(), account_params(words, identity));
	linphone_core_add_account(lc(), account);
	linphone_core_set_default_account(lc(), account);
	linphone_address_unref(identity);
	return NULL;
}

static const char *do_logout(int n, char **words)
{
	LinphoneAccountParams *p = linphone_account_params_clone(
		linphone_account_get_params(account));

	(void)n, (void)words;
	linphone_account_params_enable_register(p, FALSE);
	linphone_account_params_enable_publish(p, FALSE);
	linphone_account_set_params(account, p);
	linphone_account_params_unref(p);
	return NULL;
}

static const char *do_refresh(int n, char **words)
{
	(void)n, (void)words;
	linphone_core_refresh_registers(lc());
	return NULL;
}

static const char *do_network(int n, char **words)
{
	(void)n;
	linphone_core_set_network_reachable(lc(), strcmp(words[0], "up") == 0);
	return NULL;
}

/* --- friends --------------------------------------------------------------------------------- */

static const char *do_friend(int n, char **words)
{
	LinphoneFriendList *list = linphone_core_get_default_friend_list(lc());
	LinphoneFriend *f = linphone_core_create_friend(lc());
	LinphoneAddress *address = address_new(words[0]);

	(void)n;
	linphone_friend_set_address(f, address);
	linphone_friend_enable_subscribes(f, TRUE);
	linphone_friend_set_inc_subscribe_policy(f, LinphoneSPAccept);
	linphone_friend_list_add_friend(list, f);
	linphone_friend_list_update_subscriptions(list);
	linphone_address_unref(address);
	return NULL;
}

static const char *do_unfriend(int n, char **words)
{
	LinphoneAddress *address = address_new(words[0]);
	LinphoneFriend *f = linphone_core_find_friend(lc(), address);

	(void)n;
	if (f == NULL)
		return "no such friend";
	linphone_core_remove_friend(lc(), f);
	return NULL;
}

static const char *do_friends(int n, char **words)
{
	const bctbx_list_t *l = linphone_friend_list_get_friends(
		linphone_core_get_default_friend_list(lc()));

	(void)n, (void)words;
	for (; l != NULL; l = l->next)
		report_presence(l->data);
	return NULL;
}

/* --- one's own presence ---------------------------------------------------------------------- */

/* What Linphone's own user interfaces choose from. */
static gboolean set_consolidated(const char *name)
{
	static const struct {
		const char *name;
		LinphoneConsolidatedPresence value;
	} map[] = { { "online", LinphoneConsolidatedPresenceOnline },
		    { "c-busy", LinphoneConsolidatedPresenceBusy },
		    { "dnd", LinphoneConsolidatedPresenceDoNotDisturb },
		    { "c-offline", LinphoneConsolidatedPresenceOffline } };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(map); i++) {
		if (strcmp(map[i].name, name) != 0)
			continue;
		linphone_core_set_consolidated_presence(lc(), map[i].value);
		return TRUE;
	}
	return FALSE;
}

static LinphonePresenceModel *activity_model(const char *name, const char *note)
{
	static const struct {
		const char *name;
		LinphonePresenceActivityType value;
	} map[] = {
		{ "away", LinphonePresenceActivityAway },
		{ "busy", LinphonePresenceActivityBusy },
		{ "lunch", LinphonePresenceActivityLunch },
		{ "meeting", LinphonePresenceActivityMeeting },
		{ "phone", LinphonePresenceActivityOnThePhone },
		{ "vacation", LinphonePresenceActivityVacation },
		{ "other", LinphonePresenceActivityOther },
		{ "working", LinphonePresenceActivityWorking },
		{ "sleeping", LinphonePresenceActivitySleeping },
		{ "presentation", LinphonePresenceActivityPresentation },
		{ "permanent-absence", LinphonePresenceActivityPermanentAbsence },
	};
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(map); i++) {
		if (strcmp(map[i].name, name) != 0)
			continue;
		if (note == NULL)
			return linphone_core_create_presence_model_with_activity(lc(), map[i].value,
										 NULL);
		return linphone_core_create_presence_model_with_activity_and_note(
			lc(), map[i].value, NULL, note, "en");
	}
	return NULL;
}

static LinphonePresenceModel *basic_model(gboolean is_open, const char *note)
{
	LinphonePresenceModel *model = linphone_core_create_presence_model(lc());

	linphone_presence_model_set_basic_status(model,
						 is_open ? LinphonePresenceBasicStatusOpen
							 : LinphonePresenceBasicStatusClosed);
	if (note != NULL)
		linphone_presence_model_add_note(model, note, "en");
	return model;
}

static const char *do_status(int n, char **words)
{
	const char *name = words[0], *note = n > 1 ? words[1] : NULL;
	LinphonePresenceModel *model;

	if (note == NULL && set_consolidated(name))
		return NULL;
	if (strcmp(name, "online") == 0 || strcmp(name, "offline") == 0)
		model = basic_model(strcmp(name, "online") == 0, note);
	else
		model = activity_model(name, note);
	if (model == NULL)
		return "unknown status";
	linphone_core_set_presence_model(lc(), model);
	linphone_presence_model_unref(model);
	return NULL;
}

const struct command linphone_account_commands[] = {
	{ "login", 2, do_login },     { "logout", 0, do_logout }, { "refresh", 0, do_refresh },
	{ "network", 1, do_network }, { "friend", 1, do_friend }, { "unfriend", 1, do_unfriend },
	{ "friends", 0, do_friends }, { "status", 1, do_status }, { NULL, 0, NULL },
};
