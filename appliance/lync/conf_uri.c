/* Addresses of conferences: sip:ORGANIZER@domain;gruu;opaque=app:conf:KIND:id:ID. */
#include "lync/conf.h"

enum conf_target conf_target_of(const struct uri *u, struct str *conf_id_out)
{
	static const struct {
		const char *prefix;
		enum conf_target target;
	} kinds[] = { { "focus:id:", CONF_TO_FOCUS }, { "chat:id:", CONF_TO_CHAT } };
	struct str opaque, prefix = STR("app:conf:");

	*conf_id_out = STR_NULL;
	if (!uri_is_sip(u))
		return CONF_NONE;
	opaque = uri_param(u, "opaque");
	if (!str_istarts(opaque, prefix))
		return CONF_NONE;
	opaque = str_sub(opaque, prefix.len, opaque.len);
	if (str_ieqz(opaque, "focusfactory"))
		return CONF_TO_FACTORY;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct str kind = str_of(kinds[i].prefix);

		if (str_istarts(opaque, kind)) {
			*conf_id_out = str_sub(opaque, kind.len, opaque.len);
			return kinds[i].target;
		}
	}
	return CONF_TO_OTHER;
}

/* A group that an administrator made has no organizer: its own name stands in his place. */
const struct group_info *conf_group_of(struct conf *c, const struct uri *u)
{
	struct immcu *m = c->lync->cfg.immcu;
	const struct account *organizer = lync_account_of(c->lync, u);
	const struct group_info *g;
	struct str id;

	if (conf_target_of(u, &id) == CONF_NONE || id.len == 0)
		return NULL;
	if (organizer != NULL)
		return group_find_conf(m, organizer->id, id);
	g = sip_stack_is_ours(c->lync->cfg.stack, u) ? group_find(m, u->user) : NULL;
	return g != NULL && str_ieq(g->conf_id, id) ? g : NULL;
}

const struct group_info *conf_group_of_text(struct conf *c, struct str uri)
{
	struct uri u;

	return uri_decode(uri, &u) == E_OK ? conf_group_of(c, &u) : NULL;
}

void conf_uri(struct conf *c, const struct group_info *g, const char *kind, struct buf *out)
{
	const struct account *organizer = directory_get(c->lync->cfg.directory, g->organizer);

	uri_encode_aor(out, organizer != NULL ? organizer->name : g->name,
		       sip_stack_domain(c->lync->cfg.stack));
	buf_addf(out, ";gruu;opaque=app:conf:%s:id:%.*s", kind, STR_ARG(g->conf_id));
}
