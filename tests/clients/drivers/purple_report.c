/* purple_report.c: what libpurple shows its user: notices, the connection, conversation windows. */
#include <string.h>

#include "purple.h"

/* --- notices --------------------------------------------------------------------------------- */

static void *on_notice(PurpleNotifyMsgType type, const char *title, const char *primary,
		       const char *secondary)
{
	event("notify", "s:level",
	      type == PURPLE_NOTIFY_MSG_ERROR	  ? "error"
	      : type == PURPLE_NOTIFY_MSG_WARNING ? "warning"
						  : "info",
	      "s:title", title, "s:primary", primary, "s:secondary", secondary, NULL);
	return NULL;
}

static void *on_formatted(const char *title, const char *primary, const char *secondary,
			  const char *text)
{
	event("notify-formatted", "s:title", title, "s:primary", primary, "s:secondary", secondary,
	      "s:text", text, NULL);
	return NULL;
}

static void append_row(GString *out, GList *columns, GList *cells)
{
	gboolean is_first = TRUE;

	g_string_append(out, out->len > 1 ? ",{" : "{");
	for (; columns != NULL && cells != NULL; columns = columns->next, cells = cells->next) {
		if (!is_first)
			g_string_append_c(out, ',');
		is_first = FALSE;
		json_str(out, ((PurpleNotifySearchColumn *)columns->data)->title);
		g_string_append_c(out, ':');
		json_str(out, cells->data);
	}
	g_string_append_c(out, '}');
}

static void *on_search(PurpleConnection *gc, const char *title, const char *primary,
		       const char *secondary, PurpleNotifySearchResults *results, gpointer data)
{
	GString *rows = g_string_new("[");
	GList *l;

	(void)gc, (void)data;
	for (l = results->rows; l != NULL; l = l->next)
		append_row(rows, results->columns, l->data);
	g_string_append_c(rows, ']');
	event("search-results", "s:title", title, "s:primary", primary, "s:secondary", secondary,
	      "j:rows", rows->str, NULL);
	g_string_free(rows, TRUE);
	return NULL;
}

static void on_search_more(PurpleConnection *gc, PurpleNotifySearchResults *results, void *data)
{
	(void)gc, (void)results, (void)data;
}

static void *on_user_info(PurpleConnection *gc, const char *who, PurpleNotifyUserInfo *info)
{
	GString *out = g_string_new("[");
	const char *label;
	GList *l;

	(void)gc;
	for (l = purple_notify_user_info_get_entries(info); l != NULL; l = l->next) {
		label = purple_notify_user_info_entry_get_label(l->data);
		if (label == NULL)
			continue;
		g_string_append(out, out->len > 1 ? ",[" : "[");
		json_str(out, label);
		g_string_append_c(out, ',');
		json_str(out, purple_notify_user_info_entry_get_value(l->data));
		g_string_append_c(out, ']');
	}
	g_string_append_c(out, ']');
	event("userinfo", "s:who", who, "j:info", out->str, NULL);
	g_string_free(out, TRUE);
	return NULL;
}

static void on_notice_close(PurpleNotifyType type, void *handle)
{
	(void)type, (void)handle;
}

static PurpleNotifyUiOps notify_ops = {
	.notify_message = on_notice,
	.notify_formatted = on_formatted,
	.notify_searchresults = on_search,
	.notify_searchresults_new_rows = on_search_more,
	.notify_userinfo = on_user_info,
	.close_notify = on_notice_close,
};

/* --- the connection -------------------------------------------------------------------------- */

static void on_progress(PurpleConnection *gc, const char *text, size_t step, size_t steps)
{
	(void)gc;
	event("connecting", "s:text", text, "i:step", (int)step, "i:of", (int)steps, NULL);
}

static void on_connected(PurpleConnection *gc)
{
	event("signed-on", "s:account",
	      purple_account_get_username(purple_connection_get_account(gc)), NULL);
}

static void on_disconnected(PurpleConnection *gc)
{
	event("disconnected", "s:account",
	      purple_account_get_username(purple_connection_get_account(gc)), NULL);
}

static void on_connection_error(PurpleConnection *gc, PurpleConnectionError reason,
				const char *text)
{
	(void)gc;
	event("connection-error", "i:reason", (int)reason, "b:authentication",
	      reason == PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED, "b:fatal",
	      purple_connection_error_is_fatal(reason), "s:text", text, NULL);
}

static PurpleConnectionUiOps connection_ops = {
	.connect_progress = on_progress,
	.connected = on_connected,
	.disconnected = on_disconnected,
	.report_disconnect_reason = on_connection_error,
};

/* --- conversation windows -------------------------------------------------------------------- */

int chat_id(PurpleConversation *c)
{
	return c != NULL && purple_conversation_get_type(c) == PURPLE_CONV_TYPE_CHAT
		       ? purple_conv_chat_get_id(PURPLE_CONV_CHAT(c))
		       : -1;
}

static const char *conversation_kind(PurpleConversation *c)
{
	return purple_conversation_get_type(c) == PURPLE_CONV_TYPE_CHAT ? "chat" : "im";
}

static void on_open(PurpleConversation *c)
{
	event("conversation-opened", "s:kind", conversation_kind(c), "s:name",
	      purple_conversation_get_name(c), "i:chat", chat_id(c), NULL);
}

static void on_destroy(PurpleConversation *c)
{
	event("conversation-closed", "s:kind", conversation_kind(c), "s:name",
	      purple_conversation_get_name(c), "i:chat", chat_id(c), NULL);
}

/* Everything that a user would see in the window, notices of the system too. */
static void on_line(PurpleConversation *c, const char *name, const char *alias, const char *html,
		    PurpleMessageFlags flags, time_t when)
{
	const char *direction = flags & PURPLE_MESSAGE_SEND	? "send"
				: flags & PURPLE_MESSAGE_RECV	? "recv"
				: flags & PURPLE_MESSAGE_ERROR	? "error"
				: flags & PURPLE_MESSAGE_SYSTEM ? "system"
								: "other";

	(void)alias;
	event("conv-line", "s:kind", conversation_kind(c), "s:conv",
	      purple_conversation_get_name(c), "i:chat", chat_id(c), "s:dir", direction, "s:from",
	      name, "s:html", html, "i:time", (int)when, NULL);
}

static void on_users_joined(PurpleConversation *c, GList *users, gboolean is_news)
{
	PurpleConvChatBuddy *user;

	for (; users != NULL; users = users->next) {
		user = users->data;
		event("chat-user-joined", "i:chat", chat_id(c), "s:who", user->name, "b:op",
		      (user->flags & PURPLE_CBFLAGS_OP) != 0, "b:new", is_news, NULL);
	}
}

static void on_users_left(PurpleConversation *c, GList *users)
{
	for (; users != NULL; users = users->next)
		event("chat-user-left", "i:chat", chat_id(c), "s:who", (char *)users->data, NULL);
}

static void on_user_renamed(PurpleConversation *c, const char *from, const char *to,
			    const char *alias)
{
	(void)alias;
	event("chat-user-renamed", "i:chat", chat_id(c), "s:from", from, "s:to", to, NULL);
}

static void on_user_changed(PurpleConversation *c, const char *who)
{
	PurpleConvChatBuddyFlags flags = purple_conv_chat_user_get_flags(PURPLE_CONV_CHAT(c), who);

	event("chat-user-flags", "i:chat", chat_id(c), "s:who", who, "b:op",
	      (flags & PURPLE_CBFLAGS_OP) != 0, NULL);
}

static void on_present(PurpleConversation *c)
{
	(void)c;
}

static gboolean has_focus(PurpleConversation *c)
{
	(void)c;
	return FALSE;
}

static PurpleConversationUiOps conversation_ops = {
	.create_conversation = on_open,
	.destroy_conversation = on_destroy,
	.write_conv = on_line,
	.chat_add_users = on_users_joined,
	.chat_rename_user = on_user_renamed,
	.chat_remove_users = on_users_left,
	.chat_update_user = on_user_changed,
	.present = on_present,
	.has_focus = has_focus,
};

void ui_report_init(void)
{
	purple_connections_set_ui_ops(&connection_ops);
	purple_conversations_set_ui_ops(&conversation_ops);
	purple_notify_set_ui_ops(&notify_ops);
}
