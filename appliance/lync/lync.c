#include "lync/lync.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/rand.h"

#include "directory/subscribers.h"

#include "lync/conf.h"
#include "lync/contacts.h"
#include "lync/dsk_auth.h"
#include "lync/im.h"
#include "lync/packages.h"
#include "lync/render.h"
#include "lync/self.h"
#include "lync/service.h"
#include "lync/stored.h"
#include "lync/ticket.h"
#include "lync/web.h"

/* pidgin-sipe puts these into Proxy-Require and Require; refusing one would stop it. */
static const char *const supported[] = { "ms-benotify", "adhoclist", "categoryList", "eventlist",
					 NULL };

static const struct sip_verb verbs[] = {
	{ "REGISTER", lync_on_register, SIP_AUTH_REQUIRED, SIP_MSG_MAX_UNAUTH, 2 },
	{ "SUBSCRIBE", lync_on_subscribe, SIP_AUTH_REQUIRED, SIP_BODY_MAX, 2 },
	{ "SERVICE", lync_on_service, SIP_AUTH_REQUIRED, SIP_BODY_MAX, 2 },
	{ "OPTIONS", lync_on_options, SIP_AUTH_REQUIRED, SIP_MSG_MAX_UNAUTH, 1 },
	{ "INVITE", im_on_invite, SIP_AUTH_REQUIRED, IM_BODY_MAX, 2 },
	{ "ACK", im_on_ack, SIP_AUTH_REQUIRED, IM_BODY_MAX, 1 },
	{ "MESSAGE", im_on_message, SIP_AUTH_REQUIRED, IM_BODY_MAX, 1 },
	{ "INFO", im_on_info, SIP_AUTH_REQUIRED, IM_BODY_MAX, 1 },
	{ "BYE", im_on_bye, SIP_AUTH_REQUIRED, SIP_MSG_MAX_UNAUTH, 1 },
	{ NULL, NULL, SIP_AUTH_NONE, 0, 0 },
};

/* Nobody else sends these: pidgin-sipe, Communicator, Lync and Skype for Business all do. */
static bool claims(void *arg, const struct sip_conn *c, const struct sip_msg *m)
{
	(void)arg;
	(void)c;
	if (m->method_id == SIP_METHOD_NEGOTIATE)
		return true;
	return m->method_id == SIP_METHOD_REGISTER &&
	       (m->first[SIP_HDR_MS_KEEP_ALIVE] != 0 ||
		sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("msrtc-event-categories")) ||
		sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("adhoclist")));
}

struct sip_adapter lync_adapter(struct lync *l)
{
	return (struct sip_adapter){
		.name = "lync",
		.claims = claims,
		.authenticate = lync_authenticate,
		.accepts_response = lync_accepts_response,
		.on_close = lync_on_close,
		.verbs = verbs,
		.supported = supported,
		.arg = l,
	};
}

/* A card has changed, or its owner is no more. */
static void on_directory(void *arg, enum directory_event event, const struct account *a)
{
	struct lync *l = arg;
	struct lync_user *u = lync_user_find(l, a->id);
	const struct str card = STR("contactCard");

	if (event == DIRECTORY_PASSWORD || event == DIRECTORY_DISABLED ||
	    event == DIRECTORY_DELETED)
		lync_tickets_forget(l, a->id);
	if (event == DIRECTORY_PASSWORD) /* what the old one gave must not outlive it */
		certprov_revoke(l, a->id);
	if (event == DIRECTORY_DISABLED && a->enabled && u != NULL)
		lync_user_sync_all(u); /* what was chosen by hand counts again */
	if (event == DIRECTORY_DELETED) {
		lync_user_forget(l, a->id);
	} else if (event == DIRECTORY_CHANGED) {
		presence_touch(l->cfg.presence, a->id, l->dialect);
		if (u != NULL)
			lync_self_changed(u, &card, 1, 0);
	}
}

static void join_presence(struct lync *l)
{
	struct presence_dialect d = { .render = lync_render,
				      .notify = lync_watch_notify,
				      .on_end = lync_watch_on_end,
				      .arg = l };

	l->dialect = presence_add_dialect(l->cfg.presence, &d);
	d = lync_self_dialect;
	d.arg = l;
	l->self_dialect = presence_add_dialect(l->cfg.presence, &d);
}

struct lync *lync_new(const struct lync_cfg *cfg)
{
	struct lync *l = xcalloc(1, sizeof(*l));

	l->cfg = *cfg;
	l->seed = rand_u64();
	l->im = im_new(l);
	l->conf = conf_new(l);
	registrar_listen(cfg->registrar,
			 &(struct registrar_hooks){ .on_sign_out = lync_on_sign_out, .arg = l });
	map_init(&l->subs);
	map_init(&l->watches);
	map_init(&l->users);
	sip_dialogs_init(&l->dialogs);
	join_presence(l);
	l->dsk = dsk_auth_new(l);
	l->tickets = lync_tickets_new();
	l->web_auth = web_auth_new();
	directory_listen(cfg->directory, on_directory, l);
	roster_listen(cfg->directory, lync_contacts_changed, l);
	subscribers_listen(cfg->directory, lync_self_subscribers_changed, l);
	if (lync_stored_load(l) != E_OK)
		log_error("lync", "what was published before could not be read");
	return l;
}

void lync_free(struct lync **lp)
{
	struct lync *l = *lp;

	*lp = NULL;
	if (l == NULL)
		return;
	im_free(&l->im);
	dsk_auth_free(&l->dsk);
	lync_tickets_free(&l->tickets);
	web_auth_free(&l->web_auth);
	conf_free(&l->conf);
	lync_users_fini(l);
	sip_dialogs_fini(&l->dialogs); /* the stack has closed every connection: none is left */
	map_fini(&l->subs);
	map_fini(&l->watches);
	free(l);
}

void lync_set_ntlm(struct lync *l, bool on)
{
	l->is_ntlm_off = !on;
}

void lync_set_web_ntlm(struct lync *l, bool on)
{
	l->is_web_ntlm_off = !on;
}

void lync_stats_get(const struct lync *l, struct lync_stats *out)
{
	*out = l->stats;
}
