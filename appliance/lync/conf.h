/* conf.h: conferences as Lync-class clients know them: C3P focus and IM MCU ([MS-CONFBAS], [MS-CONFIM]) over the
 * IMMCU's groups.
 *
 *   conf_uri.c      the addresses: factory, focus, IM MCU
 *   c3p.c           the C3P envelope
 *   conf_factory.c  SERVICE: making and changing conferences
 *   conf_focus.c    a client's focus dialog: joining, commands, leaving
 *   conf_mcu.c      its IM MCU dialog: texts in and out
 *   conf_roster.c   who is there: the conference-info document, whole and in parts
 *   conf_invite.c   asking people to come, both ways
 *
 * A part is one endpoint's share in one group: its two dialogs and its leg. */
#ifndef LYNC_CONF_H
#define LYNC_CONF_H

#include "base/map.h"
#include "codec/xml.h"
#include "codec/xmlw.h"
#include "immcu/group.h"
#include "lync/c3p.h"
#include "lync/lync_int.h"
#include "sip/dialog.h"
#include "sip/fork.h"

struct conf_part;

enum conf_role { CONF_FOCUS, CONF_MCU, CONF_ROLES };

struct conf_dialog {
	struct conf_part *part;
	enum conf_role role;
	struct sip_dialog d;
	bool is_open;  /* in conf.dialogs */
	char guid[48]; /* the endpoint entity in the roster, with its braces */
};

/* Invariants:
 * 1. In conf.parts by key always; leg is its leg in the group, whose ctx is this part.
 * 2. The MCU dialog is open exactly while the leg is GROUP_LEG_OPEN. */
struct conf_part {
	struct map_node by_key;
	struct conf *conf;
	struct {
		group_id group;
		endpoint_id endpoint;
	} key;
	account_id account;
	conn_id conn;
	group_leg_id leg;
	struct conf_dialog dialog[CONF_ROLES];
};

struct conf {
	struct lync *lync;
	struct sip_forks *forks;
	struct sip_dialogs dialogs;
	struct map parts;
	struct list texts; /* struct conf_text: submitted, not answered */
	/* an invitation of a client's own is on its way: none of ours beside it */
	bool is_passing_on;
	uint64_t last_id;
};

struct conf *conf_new(struct lync *l);
void conf_free(struct conf **cp);
void conf_conn_closed(struct conf *c, conn_id conn);

/* --- what a request is for --- */
enum conf_target { CONF_NONE, CONF_TO_FACTORY, CONF_TO_FOCUS, CONF_TO_CHAT, CONF_TO_OTHER };
enum conf_target conf_target_of(const struct uri *u, struct str *conf_id_out);
/* The group a focus or chat URI names.  NULL: none (any more). */
const struct group_info *conf_group_of(struct conf *c, const struct uri *u);
const struct group_info *conf_group_of_text(struct conf *c, struct str uri);
/* Byte for byte the same wherever they stand: clients compare them as text. */
void conf_uri(struct conf *c, const struct group_info *g, const char *kind /* "focus", "chat" */,
	      struct buf *out);

/* --- verbs: true when the request was a conference's --- */
bool conf_on_invite(struct conf *c, struct sip_txn *t);
bool conf_on_message(struct conf *c, struct sip_txn *t);
bool conf_on_info(struct conf *c, struct sip_txn *t);
bool conf_on_bye(struct conf *c, struct sip_txn *t);
bool conf_on_ack(struct conf *c, struct sip_txn *t);
void conf_on_service(struct lync *l, struct sip_txn *t, const struct xml_node *root);
void conf_subscribe(struct lync *l, struct sip_txn *t);

/* --- parts (conf_focus.c) --- */
struct conf_part *conf_part_get(struct conf *c, group_id group, endpoint_id endpoint);
/* NULL: refused, answered. */
struct conf_part *conf_part_join(struct conf *c, struct sip_txn *t, const struct group_info *g);
void conf_dialog_open(struct conf_dialog *d, struct sip_txn *t);
void conf_dialog_close(struct conf_dialog *d, bool say_bye);
struct conf_dialog *conf_dialog_of(struct conf *c, struct sip_txn *t); /* NULL: none of ours */
void conf_refuse(struct conf *c, struct sip_txn *t, enum err e);

/* --- conf_mcu.c --- */
void conf_mcu_invite(struct conf *c, struct sip_txn *t, const struct group_info *g);
void conf_render(void *arg, unsigned shape, const struct group_text *t, struct buf *out);
enum err conf_send(void *arg, const struct group_leg *leg, const struct group_text *t,
		   struct str rendering);
void conf_on_report(void *arg, const struct group_leg *author, uint64_t seq,
		    const struct group_failure *f, size_t count);
void conf_texts_fini(struct conf *c);

/* --- conf_roster.c --- */
void conf_roster_full(struct conf *c, const struct group_info *g, struct buf *out);
void conf_on_event(void *arg, const struct group_info *g, const struct group_event *ev);
void conf_subs_end(struct conf *c, const struct conf_part *p);

/* --- conf_invite.c --- */
void conf_app_invite(struct conf *c, struct sip_txn *t, const struct xml_node *root);
void conf_invite(void *arg, const struct group_info *g, account_id who, const struct endpoint *e,
		 account_id by);

#endif
