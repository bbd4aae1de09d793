/* linphone_chat.c: texts between two people: pager MESSAGE, isComposing, IMDN. */
#include "linphone.h"

gboolean chat_is_group(LinphoneChatRoom *room)
{
	return (linphone_chat_room_get_capabilities(room) &
		LinphoneChatRoomCapabilitiesConference) != 0;
}

static void on_state(LinphoneChatMessage *m, LinphoneChatMessageState state)
{
	static const char *const names[] = { "idle",
					     "in-progress",
					     "delivered",
					     "not-delivered",
					     "file-error",
					     "file-done",
					     "delivered-to-user",
					     "displayed",
					     "file-in-progress",
					     "pending-delivery",
					     "file-cancelling" };
	const LinphoneErrorInfo *info = linphone_chat_message_get_error_info(m);

	event("message-state", "s:message_id", linphone_chat_message_get_message_id(m), "s:state",
	      (unsigned)state < G_N_ELEMENTS(names) ? names[state] : "?", "s:text",
	      linphone_chat_message_get_utf8_text(m), "i:code",
	      info != NULL ? linphone_error_info_get_protocol_code(info) : 0, "s:phrase",
	      info != NULL ? linphone_error_info_get_phrase(info) : NULL, NULL);
}

static void on_message(LinphoneCore *core, LinphoneChatRoom *room, LinphoneChatMessage *m)
{
	char *from = address_text(linphone_chat_message_get_from_address(m));
	char *peer = address_text(linphone_chat_room_get_peer_address(room));

	(void)core;
	event(chat_is_group(room) ? "chat-message" : "im", "s:from", from, "s:room", peer, "s:text",
	      linphone_chat_message_get_utf8_text(m), "s:content_type",
	      linphone_chat_message_get_content_type(m), "s:message_id",
	      linphone_chat_message_get_message_id(m), "i:time",
	      (int)linphone_chat_message_get_time(m), NULL);
	bctbx_free(from);
	bctbx_free(peer);
}

static void on_composing(LinphoneCore *core, LinphoneChatRoom *room)
{
	char *peer = address_text(linphone_chat_room_get_peer_address(room));

	(void)core;
	event("typing", "s:who", peer, "b:on", linphone_chat_room_is_remote_composing(room), NULL);
	bctbx_free(peer);
}

void linphone_chat_init(LinphoneCore *core)
{
	LinphoneCoreCbs *cbs = linphone_factory_create_core_cbs(linphone_factory_get());

	linphone_core_cbs_set_message_received(cbs, on_message);
	linphone_core_cbs_set_is_composing_received(cbs, on_composing);
	linphone_core_add_callbacks(core, cbs);
	linphone_core_cbs_unref(cbs);
}

void chat_send(LinphoneChatRoom *room, const char *text)
{
	LinphoneChatMessage *m = linphone_chat_room_create_message_from_utf8(room, text);
	LinphoneChatMessageCbs *cbs = linphone_factory_create_chat_message_cbs(
		linphone_factory_get());

	linphone_chat_message_cbs_set_msg_state_changed(cbs, on_state);
	linphone_chat_message_add_callbacks(m, cbs);
	linphone_chat_message_send(m);
	linphone_chat_message_cbs_unref(cbs);
}

/* The conversation with one other person: found, or made. */
static LinphoneChatRoom *basic_room(const char *uri)
{
	LinphoneChatRoomParams *p = linphone_core_create_default_chat_room_params(lc());
	LinphoneAddress *peer = address_new(uri);
	LinphoneChatRoom *room = NULL;
	bctbx_list_t *people;

	linphone_chat_room_params_set_backend(p, LinphoneChatRoomBackendBasic);
	linphone_chat_room_params_enable_encryption(p, FALSE);
	linphone_chat_room_params_enable_group(p, FALSE);
	if (peer != NULL) {
		people = bctbx_list_append(NULL, peer);
		room = linphone_core_search_chat_room(lc(), p, lc_me(), peer, NULL);
		if (room == NULL)
			room = linphone_core_create_chat_room_6(lc(), p, lc_me(), people);
		bctbx_list_free(people);
		linphone_address_unref(peer);
	}
	linphone_chat_room_params_unref(p);
	return room;
}

static const char *do_im(int n, char **words)
{
	LinphoneChatRoom *room = basic_room(words[0]);

	(void)n;
	if (room == NULL)
		return "no chat room";
	chat_send(room, words[1]);
	return NULL;
}

static const char *do_compose(int n, char **words)
{
	LinphoneChatRoom *room = basic_room(words[0]);

	(void)n;
	if (room == NULL)
		return "no chat room";
	linphone_chat_room_compose(room);
	return NULL;
}

static const char *do_read(int n, char **words)
{
	LinphoneChatRoom *room = basic_room(words[0]);

	(void)n;
	if (room == NULL)
		return "no chat room";
	linphone_chat_room_mark_as_read(room);
	return NULL;
}

const struct command linphone_chat_commands[] = {
	{ "im", 2, do_im },
	{ "compose", 1, do_compose },
	{ "read", 1, do_read },
	{ NULL, 0, NULL },
};
