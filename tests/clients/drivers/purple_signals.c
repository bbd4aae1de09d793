/* purple_signals.c: what happens to contacts, texts and files. */
#include <string.h>

#include "purple.h"

char *status_note(PurpleStatus *status)
{
	if (status == NULL ||
	    purple_status_type_get_attr(purple_status_get_type(status), "message") == NULL)
		return NULL;
	return g_strdup(purple_status_get_attr_string(status, "message"));
}

/* --- contacts -------------------------------------------------------------------------------- */

static void report_contact(const char *why, PurpleBuddy *b)
{
	PurplePresence *presence = purple_buddy_get_presence(b);
	PurpleStatus *status = purple_presence_get_active_status(presence);
	PurpleGroup *group = purple_buddy_get_group(b);
	char *note = status_note(status);

	event("buddy-status", "s:why", why, "s:who", purple_buddy_get_name(b), "s:status",
	      purple_status_get_id(status), "s:status_name", purple_status_get_name(status),
	      "s:note", note, "b:online", purple_presence_is_online(presence), "b:idle",
	      purple_presence_is_idle(presence), "s:alias", purple_buddy_get_alias(b), "s:group",
	      group != NULL ? purple_group_get_name(group) : NULL, NULL);
	g_free(note);
}

static void on_status(PurpleBuddy *b, PurpleStatus *before, PurpleStatus *now)
{
	(void)before, (void)now;
	report_contact("status", b);
}

static void on_signed_on(PurpleBuddy *b)
{
	report_contact("signed-on", b);
}

static void on_signed_off(PurpleBuddy *b)
{
	report_contact("signed-off", b);
}

static void on_idle(PurpleBuddy *b, gboolean before, gboolean now)
{
	(void)before, (void)now;
	report_contact("idle", b);
}

static void on_contact_added(PurpleBuddy *b)
{
	PurpleGroup *group = purple_buddy_get_group(b);

	event("buddy-added", "s:who", purple_buddy_get_name(b), "s:group",
	      group != NULL ? purple_group_get_name(group) : NULL, "s:alias",
	      purple_buddy_get_alias(b), NULL);
}

static void on_contact_removed(PurpleBuddy *b)
{
	event("buddy-removed", "s:who", purple_buddy_get_name(b), NULL);
}

static void on_alias(PurpleBlistNode *node, const char *before)
{
	(void)before;
	if (PURPLE_BLIST_NODE_IS_BUDDY(node))
		event("buddy-alias", "s:who", purple_buddy_get_name((PurpleBuddy *)node), "s:alias",
		      purple_buddy_get_alias((PurpleBuddy *)node), "s:server_alias",
		      purple_buddy_get_server_alias((PurpleBuddy *)node), NULL);
}

static void on_icon(PurpleBuddy *b)
{
	PurpleBuddyIcon *icon = purple_buddy_get_icon(b);
	size_t size = 0;

	if (icon != NULL)
		purple_buddy_icon_get_data(icon, &size);
	event("buddy-icon", "s:who", purple_buddy_get_name(b), "i:bytes", (int)size, NULL);
}

/* --- texts ----------------------------------------------------------------------------------- */

static void on_typing(PurpleAccount *a, const char *who)
{
	(void)a;
	event("typing", "s:who", who, "b:on", TRUE, NULL);
}

static void on_typing_end(PurpleAccount *a, const char *who)
{
	(void)a;
	event("typing", "s:who", who, "b:on", FALSE, NULL);
}

static void on_im(PurpleAccount *a, const char *from, const char *html, PurpleConversation *c,
		  PurpleMessageFlags flags)
{
	char *text = purple_markup_strip_html(html);

	(void)a, (void)c;
	event("im", "s:from", from, "s:html", html, "s:text", text, "i:flags", (int)flags, NULL);
	g_free(text);
}

static void on_chat(PurpleAccount *a, const char *from, const char *html, PurpleConversation *c,
		    PurpleMessageFlags flags)
{
	char *text = purple_markup_strip_html(html);

	(void)a;
	event("chat-message", "i:chat", chat_id(c), "s:from", from, "s:html", html, "s:text", text,
	      "i:flags", (int)flags, NULL);
	g_free(text);
}

static int on_invited(PurpleAccount *a, const char *from, const char *name, const char *message,
		      GHashTable *data)
{
	(void)a, (void)data;
	event("chat-invited", "s:from", from, "s:name", name, "s:message", message, NULL);
	return 0;
}

static void on_joined(PurpleConversation *c)
{
	event("chat-joined", "i:chat", chat_id(c), "s:name", purple_conversation_get_name(c), NULL);
}

static void on_join_failed(PurpleConnection *gc, GHashTable *data)
{
	(void)gc, (void)data;
	event("chat-join-failed", NULL);
}

static void on_left(PurpleConversation *c)
{
	event("chat-left", "i:chat", chat_id(c), "s:name", purple_conversation_get_name(c), NULL);
}

static void on_topic(PurpleConversation *c, const char *who, const char *topic)
{
	event("chat-topic", "i:chat", chat_id(c), "s:who", who, "s:topic", topic, NULL);
}

/* --- files ----------------------------------------------------------------------------------- */

static void on_file_offer(PurpleXfer *x, gpointer unused)
{
	const char *offered = purple_xfer_get_filename(x);
	char *name = g_path_get_basename(offered != NULL ? offered : "file"), *path;

	(void)unused;
	event("file-offer", "s:who", x->who, "s:name", offered, "i:size",
	      (int)purple_xfer_get_size(x), NULL);
	if (request_accepts_files()) {
		path = g_strdup_printf("%s/received-%s", purple_user_dir(), name);
		purple_xfer_request_accepted(x, path);
		g_free(path);
	}
	g_free(name);
}

static void on_file_done(PurpleXfer *x, gpointer unused)
{
	(void)unused;
	event("file-complete", "s:who", x->who, "s:path", purple_xfer_get_local_filename(x),
	      "i:bytes", (int)purple_xfer_get_bytes_sent(x), "b:sent",
	      purple_xfer_get_type(x) == PURPLE_XFER_SEND, NULL);
}

static void on_file_cancelled(PurpleXfer *x, gpointer unused)
{
	(void)unused;
	event("file-cancelled", "s:who", x->who, NULL);
}

/* --- all of them ----------------------------------------------------------------------------- */

static void listen_to(void *source, const char *name, GCallback callback)
{
	static int handle;

	purple_signal_connect(source, name, &handle, callback, NULL);
}

void ui_signals_init(void)
{
	void *list = purple_blist_get_handle(), *conversations = purple_conversations_get_handle();
	void *files = purple_xfers_get_handle();

	listen_to(list, "buddy-status-changed", G_CALLBACK(on_status));
	listen_to(list, "buddy-signed-on", G_CALLBACK(on_signed_on));
	listen_to(list, "buddy-signed-off", G_CALLBACK(on_signed_off));
	listen_to(list, "buddy-idle-changed", G_CALLBACK(on_idle));
	listen_to(list, "buddy-added", G_CALLBACK(on_contact_added));
	listen_to(list, "buddy-removed", G_CALLBACK(on_contact_removed));
	listen_to(list, "buddy-icon-changed", G_CALLBACK(on_icon));
	listen_to(list, "blist-node-aliased", G_CALLBACK(on_alias));
	listen_to(conversations, "buddy-typing", G_CALLBACK(on_typing));
	listen_to(conversations, "buddy-typed", G_CALLBACK(on_typing_end));
	listen_to(conversations, "buddy-typing-stopped", G_CALLBACK(on_typing_end));
	listen_to(conversations, "received-im-msg", G_CALLBACK(on_im));
	listen_to(conversations, "received-chat-msg", G_CALLBACK(on_chat));
	listen_to(conversations, "chat-invited", G_CALLBACK(on_invited));
	listen_to(conversations, "chat-joined", G_CALLBACK(on_joined));
	listen_to(conversations, "chat-join-failed", G_CALLBACK(on_join_failed));
	listen_to(conversations, "chat-left", G_CALLBACK(on_left));
	listen_to(conversations, "chat-topic-changed", G_CALLBACK(on_topic));
	listen_to(files, "file-recv-request", G_CALLBACK(on_file_offer));
	listen_to(files, "file-recv-complete", G_CALLBACK(on_file_done));
	listen_to(files, "file-send-complete", G_CALLBACK(on_file_done));
	listen_to(files, "file-recv-cancel", G_CALLBACK(on_file_cancelled));
	listen_to(files, "file-send-cancel", G_CALLBACK(on_file_cancelled));
}
