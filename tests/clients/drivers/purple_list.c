/* purple_list.c: contacts and groups, their menus, the protocol's actions (search, join a conference). */
#include <string.h>

#include "purple.h"

PurpleBuddy *find_contact(const char *who)
{
	PurpleBuddy *b = purple_find_buddy(the_account(), who);
	char *with_scheme;

	if (b != NULL)
		return b;
	if (g_str_has_prefix(who, "sip:"))
		return purple_find_buddy(the_account(), who + 4);
	with_scheme = g_strconcat("sip:", who, NULL);
	b = purple_find_buddy(the_account(), with_scheme);
	g_free(with_scheme);
	return b;
}

/* pidgin-sipe names people sip:user@domain. */
const char *contact_name(const char *who)
{
	static char *name;
	PurpleBuddy *b = find_contact(who);

	if (b != NULL)
		return purple_buddy_get_name(b);
	if (g_str_has_prefix(who, "sip:"))
		return who;
	g_free(name);
	name = g_strconcat("sip:", who, NULL);
	return name;
}

static PurpleGroup *group_of(const char *name)
{
	PurpleGroup *group = purple_find_group(name);

	if (group == NULL)
		purple_blist_add_group(group = purple_group_new(name), NULL);
	return group;
}

/* --- groups ---------------------------------------------------------------------------------- */

static const char *do_add_group(int n, char **words)
{
	(void)n;
	group_of(words[0]);
	return NULL;
}

static const char *do_rename_group(int n, char **words)
{
	PurpleGroup *group = purple_find_group(words[0]);

	(void)n;
	if (group == NULL)
		return "no such group";
	purple_blist_rename_group(group, words[1]);
	return NULL;
}

static const char *do_remove_group(int n, char **words)
{
	PurpleGroup *group = purple_find_group(words[0]);

	(void)n;
	if (group == NULL)
		return "no such group";
	purple_account_remove_group(the_account(), group);
	purple_blist_remove_group(group);
	return NULL;
}

/* --- contacts -------------------------------------------------------------------------------- */

/* add WHO [GROUP [ALIAS]] */
static const char *do_add(int n, char **words)
{
	PurpleGroup *group = group_of(n > 1 ? words[1] : "Buddies");
	PurpleBuddy *b = purple_buddy_new(the_account(), words[0], n > 2 ? words[2] : NULL);

	purple_blist_add_buddy(b, NULL, group, NULL);
	purple_account_add_buddy(the_account(), b);
	return NULL;
}

/* remove WHO [GROUP]: all copies, or the one in GROUP */
static const char *do_remove(int n, char **words)
{
	GSList *all = purple_find_buddies(the_account(), contact_name(words[0])), *l;
	PurpleGroup *group;

	if (all == NULL)
		return "no such contact";
	for (l = all; l != NULL; l = l->next) {
		group = purple_buddy_get_group(l->data);
		if (n > 1 && strcmp(purple_group_get_name(group), words[1]) != 0)
			continue;
		purple_account_remove_buddy(the_account(), l->data, group);
		purple_blist_remove_buddy(l->data);
	}
	g_slist_free(all);
	return NULL;
}

/* Moving the contact's node is what dragging it does; it calls the protocol's group_buddy. */
static const char *do_move(int n, char **words)
{
	PurpleBuddy *b = find_contact(words[0]);

	(void)n;
	if (b == NULL)
		return "no such contact";
	purple_blist_add_contact(purple_buddy_get_contact(b), group_of(words[1]), NULL);
	return NULL;
}

static const char *do_alias(int n, char **words)
{
	PurpleBuddy *b = find_contact(words[0]);

	(void)n;
	if (b == NULL)
		return "no such contact";
	purple_blist_alias_buddy(b, words[1]);
	serv_alias_buddy(b);
	return NULL;
}

static const char *do_block(int n, char **words)
{
	(void)n;
	purple_privacy_deny_add(the_account(), contact_name(words[0]), FALSE);
	return NULL;
}

static const char *do_unblock(int n, char **words)
{
	(void)n;
	purple_privacy_deny_remove(the_account(), contact_name(words[0]), FALSE);
	return NULL;
}

static const char *do_info(int n, char **words)
{
	(void)n;
	serv_get_info(the_connection(), contact_name(words[0]));
	return NULL;
}

/* --- the list as it is ----------------------------------------------------------------------- */

static void append_contact(GString *out, PurpleBuddy *b)
{
	PurpleStatus *status = purple_presence_get_active_status(purple_buddy_get_presence(b));
	char *note = status_note(status);

	if (!g_str_has_suffix(out->str, "["))
		g_string_append_c(out, ',');
	g_string_append(out, "{\"name\":");
	json_str(out, purple_buddy_get_name(b));
	g_string_append(out, ",\"alias\":");
	json_str(out, purple_buddy_get_alias(b));
	g_string_append(out, ",\"status\":");
	json_str(out, purple_status_get_id(status));
	g_string_append(out, ",\"note\":");
	json_str(out, note);
	g_string_append_c(out, '}');
	g_free(note);
}

static void append_group(GString *out, PurpleBlistNode *group)
{
	PurpleBlistNode *contact, *b;

	if (out->len > 1)
		g_string_append_c(out, ',');
	g_string_append(out, "{\"group\":");
	json_str(out, purple_group_get_name((PurpleGroup *)group));
	g_string_append(out, ",\"contacts\":[");
	for (contact = purple_blist_node_get_first_child(group); contact != NULL;
	     contact = purple_blist_node_get_sibling_next(contact)) {
		if (!PURPLE_BLIST_NODE_IS_CONTACT(contact))
			continue;
		for (b = purple_blist_node_get_first_child(contact); b != NULL;
		     b = purple_blist_node_get_sibling_next(b))
			append_contact(out, (PurpleBuddy *)b);
	}
	g_string_append(out, "]}");
}

static const char *do_blist(int n, char **words)
{
	GString *groups = g_string_new("[");
	PurpleBlistNode *node;

	(void)n, (void)words;
	for (node = purple_blist_get_root(); node != NULL;
	     node = purple_blist_node_get_sibling_next(node))
		if (PURPLE_BLIST_NODE_IS_GROUP(node))
			append_group(groups, node);
	g_string_append_c(groups, ']');
	event("blist", "j:groups", groups->str, NULL);
	g_string_free(groups, TRUE);
	return NULL;
}

/* --- menus ----------------------------------------------------------------------------------- */

static void append_menu(GString *out, GList *menu, const char *above)
{
	PurpleMenuAction *item;
	char *path;

	for (; menu != NULL; menu = menu->next) {
		item = menu->data;
		if (item == NULL)
			continue;
		path = g_strconcat(above, *above != '\0' ? ">" : "", item->label, NULL);
		if (item->callback != NULL) {
			if (out->len > 1)
				g_string_append_c(out, ',');
			json_str(out, path);
		}
		append_menu(out, item->children, path);
		g_free(path);
	}
}

/* Chooses the first item whose path begins with wanted. */
static gboolean choose_item(GList *menu, const char *above, const char *wanted,
			    PurpleBlistNode *node)
{
	PurpleMenuAction *item;
	gboolean is_done = FALSE;
	char *path;

	for (; menu != NULL && !is_done; menu = menu->next) {
		item = menu->data;
		if (item == NULL)
			continue;
		path = g_strconcat(above, *above != '\0' ? ">" : "", item->label, NULL);
		if (item->callback != NULL && g_str_has_prefix(path, wanted)) {
			event("menu-chosen", "s:item", path, NULL);
			((void (*)(PurpleBlistNode *, gpointer))item->callback)(node, item->data);
			is_done = TRUE;
		} else {
			is_done = choose_item(item->children, path, wanted, node);
		}
		g_free(path);
	}
	return is_done;
}

static GList *menu_of(PurpleBlistNode *node)
{
	PurplePluginProtocolInfo *protocol = the_protocol();

	return protocol->blist_node_menu != NULL ? protocol->blist_node_menu(node) : NULL;
}

static const char *do_menu(int n, char **words)
{
	PurpleBuddy *b = find_contact(words[0]);
	GString *items;

	(void)n;
	if (b == NULL)
		return "no such contact";
	items = g_string_new("[");
	append_menu(items, menu_of((PurpleBlistNode *)b), "");
	g_string_append_c(items, ']');
	event("menu", "s:who", purple_buddy_get_name(b), "j:items", items->str, NULL);
	g_string_free(items, TRUE);
	return NULL;
}

static const char *choose(const char *who, const char *wanted)
{
	PurpleBuddy *b = find_contact(who);

	if (b == NULL)
		return "no such contact; menus belong to contacts";
	return choose_item(menu_of((PurpleBlistNode *)b), "", wanted, (PurpleBlistNode *)b)
		       ? NULL
		       : "no such menu item";
}

/* menu-do WHO ITEM */
static const char *do_menu_item(int n, char **words)
{
	(void)n;
	return choose(words[0], words[1]);
}

/* A conference begins in a contact's menu. */
static const char *do_newchat(int n, char **words)
{
	(void)n;
	return choose(words[0], "New chat");
}

static const char *do_invite_menu(int n, char **words)
{
	(void)n;
	return choose(words[0], "Invite to '");
}

/* --- the protocol's actions ------------------------------------------------------------------ */

static const char *run_action(const char *label)
{
	PurplePlugin *plugin = purple_connection_get_prpl(the_connection());
	GList *l;

	for (l = plugin->info->actions(plugin, the_connection()); l != NULL; l = l->next) {
		PurplePluginAction *action = l->data;

		if (action == NULL || !g_str_has_prefix(action->label, label))
			continue;
		action->plugin = plugin;
		action->context = the_connection();
		action->callback(action);
		return NULL;
	}
	request_forget_next();
	return "no such action";
}

/* action-do LABEL [field=value]... */
static const char *do_action(int n, char **words)
{
	if (n > 1)
		request_fill_next(words + 1);
	return run_action(words[0]);
}

static const char *do_search(int n, char **words)
{
	(void)n;
	request_fill_next(words);
	return run_action("Contact search");
}

static const char *do_join_conference(int n, char **words)
{
	(void)n;
	request_fill_next(words);
	return run_action("Join scheduled conference");
}

const struct command ui_list_commands[] = {
	{ "add-group", 1, do_add_group },
	{ "rename-group", 2, do_rename_group },
	{ "remove-group", 1, do_remove_group },
	{ "add", 1, do_add },
	{ "remove", 1, do_remove },
	{ "move", 2, do_move },
	{ "alias", 2, do_alias },
	{ "block", 1, do_block },
	{ "unblock", 1, do_unblock },
	{ "info", 1, do_info },
	{ "blist", 0, do_blist },
	{ "menu", 1, do_menu },
	{ "menu-do", 2, do_menu_item },
	{ "newchat", 1, do_newchat },
	{ "invite-menu", 1, do_invite_menu },
	{ "action-do", 1, do_action },
	{ "search", 1, do_search },
	{ "join-conf", 1, do_join_conference },
	{ NULL, 0, NULL },
};
