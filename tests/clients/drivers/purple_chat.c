/* purple_chat.c: texts to one person and in conferences. */
#include <stdlib.h>
#include <string.h>

#include "purple.h"

/* libpurple's texts are HTML. */
static char *html_of(const char *text)
{
	char *escaped = g_markup_escape_text(text, -1), **lines = g_strsplit(escaped, "\n", -1);
	char *html = g_strjoinv("<br>", lines);

	g_strfreev(lines);
	g_free(escaped);
	return html;
}

/* --- one to one ------------------------------------------------------------------------------ */

static PurpleConversation *find_im(const char *who)
{
	return purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, contact_name(who),
						     the_account());
}

static const char *send_im(const char *who, const char *html)
{
	PurpleConversation *c = find_im(who);

	if (c == NULL)
		c = purple_conversation_new(PURPLE_CONV_TYPE_IM, the_account(), contact_name(who));
	purple_conv_im_send(PURPLE_CONV_IM(c), html);
	return NULL;
}

static const char *do_im(int n, char **words)
{
	char *html = html_of(words[1]);

	(void)n;
	send_im(words[0], html);
	g_free(html);
	return NULL;
}

static const char *do_im_html(int n, char **words)
{
	(void)n;
	return send_im(words[0], words[1]);
}

/* typing WHO on|off */
static const char *do_typing(int n, char **words)
{
	(void)n;
	serv_send_typing(the_connection(), contact_name(words[0]),
			 word_is_true(words[1]) ? PURPLE_TYPING : PURPLE_NOT_TYPING);
	return NULL;
}

static const char *do_close_im(int n, char **words)
{
	PurpleConversation *c = find_im(words[0]);

	(void)n;
	if (c == NULL)
		return "no such conversation";
	purple_conversation_destroy(c);
	return NULL;
}

static const char *do_send_file(int n, char **words)
{
	(void)n;
	serv_send_file(the_connection(), contact_name(words[0]), words[1]);
	return NULL;
}

/* --- conferences ----------------------------------------------------------------------------- */

/* By libpurple's number or by name. */
static PurpleConversation *find_chat(const char *id)
{
	char *end;
	long number = strtol(id, &end, 10);
	GList *l;

	if (*id != '\0' && *end == '\0')
		return purple_find_chat(the_connection(), (int)number);
	for (l = purple_get_chats(); l != NULL; l = l->next)
		if (strcmp(purple_conversation_get_name(l->data), id) == 0)
			return l->data;
	return NULL;
}

static const char *do_chat_send(int n, char **words)
{
	PurpleConversation *c = find_chat(words[0]);
	char *html;

	(void)n;
	if (c == NULL)
		return "no such chat";
	html = html_of(words[1]);
	purple_conv_chat_send(PURPLE_CONV_CHAT(c), html);
	g_free(html);
	return NULL;
}

/* chat-invite CHAT WHO */
static const char *do_chat_invite(int n, char **words)
{
	PurpleConversation *c = find_chat(words[0]);

	(void)n;
	if (c == NULL)
		return "no such chat";
	serv_chat_invite(the_connection(), chat_id(c), NULL, words[1]);
	return NULL;
}

/* Closing the window is how one leaves. */
static const char *do_chat_leave(int n, char **words)
{
	PurpleConversation *c = find_chat(words[0]);

	(void)n;
	if (c == NULL)
		return "no such chat";
	purple_conversation_destroy(c);
	return NULL;
}

/* What Pidgin does to make the menu of a chat window: a node that is not kept. */
static PurpleBlistNode *chat_node(PurpleConversation *c)
{
	const char *name = purple_conversation_get_name(c);
	PurpleChat *chat = purple_blist_find_chat(the_account(), name);
	PurplePluginProtocolInfo *protocol = the_protocol();

	if (chat != NULL)
		return (PurpleBlistNode *)chat;
	if (protocol->chat_info_defaults == NULL)
		return NULL;
	chat = purple_chat_new(the_account(), NULL,
			       protocol->chat_info_defaults(the_connection(), name));
	purple_blist_node_set_flags((PurpleBlistNode *)chat, PURPLE_BLIST_NODE_FLAG_NO_SAVE);
	return (PurpleBlistNode *)chat;
}

/* chat-menu-do CHAT ITEM: lock, unlock and the like */
static const char *do_chat_menu(int n, char **words)
{
	PurpleConversation *c = find_chat(words[0]);
	PurpleBlistNode *node = c != NULL ? chat_node(c) : NULL;
	GList *menu;

	(void)n;
	if (node == NULL || the_protocol()->blist_node_menu == NULL)
		return "no such chat, or it has no menu";
	for (menu = the_protocol()->blist_node_menu(node); menu != NULL; menu = menu->next) {
		PurpleMenuAction *item = menu->data;

		if (item == NULL || item->callback == NULL ||
		    !g_str_has_prefix(item->label, words[1]))
			continue;
		((void (*)(PurpleBlistNode *, gpointer))item->callback)(node, item->data);
		return NULL;
	}
	return "no such menu item";
}

static void report_chat(PurpleConversation *c)
{
	PurpleConvChat *chat = PURPLE_CONV_CHAT(c);
	GString *users = g_string_new("[");
	GList *l;

	for (l = purple_conv_chat_get_users(chat); l != NULL; l = l->next) {
		PurpleConvChatBuddy *user = l->data;

		g_string_append(users, users->len > 1 ? ",{\"who\":" : "{\"who\":");
		json_str(users, user->name);
		g_string_append_printf(users, ",\"op\":%s}",
				       user->flags & PURPLE_CBFLAGS_OP ? "true" : "false");
	}
	g_string_append_c(users, ']');
	event("chat-users", "i:chat", chat_id(c), "s:name", purple_conversation_get_name(c),
	      "s:topic", purple_conv_chat_get_topic(chat), "b:left",
	      purple_conv_chat_has_left(chat), "j:users", users->str, NULL);
	g_string_free(users, TRUE);
}

static const char *do_chats(int n, char **words)
{
	GList *l;

	(void)n, (void)words;
	for (l = purple_get_chats(); l != NULL; l = l->next)
		report_chat(l->data);
	return NULL;
}

const struct command ui_chat_commands[] = {
	{ "im", 2, do_im },
	{ "im-html", 2, do_im_html },
	{ "typing", 2, do_typing },
	{ "close-im", 1, do_close_im },
	{ "send-file", 2, do_send_file },
	{ "chat-send", 2, do_chat_send },
	{ "chat-invite", 2, do_chat_invite },
	{ "chat-leave", 1, do_chat_leave },
	{ "chat-menu-do", 2, do_chat_menu },
	{ "chats", 0, do_chats },
	{ NULL, 0, NULL },
};
